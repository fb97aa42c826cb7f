import { equalBytes } from "@siphms/cose";
import type { Bytes, Crypto } from "@siphms/cose";
import {
  createMessage1,
  createMessage3,
  createSuiteMinus21,
  prefixMessage1,
  prefixMessage3,
  processMessage2,
  processMessage4,
} from "@siphms/edhoc";
import type { EadItem, IdCred } from "@siphms/edhoc";
import {
  deriveConfirmationSecret,
  deriveSessionKeys,
  EAD_ENROLMENT,
  EAD_GRANT,
  encodeEnrolment,
  MESSAGE_3_BYTES,
  MESSAGE_4_BYTES,
  parseGrant,
} from "@siphms/messages";
import type { Enrolment } from "@siphms/messages";

import { CliError } from "../../cli-error.ts";
import type { BenchGateway, BenchIdentity, BenchSession } from "./bench-device.ts";

/** What a device's handshake needs. */
export interface ShakeHandsOptions {
  readonly gateway: Pick<BenchGateway, "begin">;
  readonly crypto: Crypto;
  /** With it the credential goes by value; without it by kid. */
  readonly enrolment?: Enrolment;
}

/** A session, and what a confirmation code is made of. */
export interface BenchHandshake {
  readonly session: BenchSession;
  readonly nonceH: Bytes;
  readonly secret: Bytes;
}

/**
 * A whole handshake as the initiator, as `packages/device` does it, without its patience: any failure is the bench's.
 *
 * @throws {EdhocError} for a message that does not verify; what the gateway's side throws.
 * @see protocol section 5
 */
export async function shakeHands(
  device: BenchIdentity,
  { gateway, crypto, enrolment }: ShakeHandsOptions,
): Promise<BenchHandshake> {
  const { credential: pinned, verifyKey } = device.hospital;
  const first = await createMessage1(createSuiteMinus21(crypto));
  const { message2, finish } = await gateway.begin({
    hospitalId: device.hospitalId,
    kid: pinned.kid,
    body: prefixMessage1(first.message1),
  });
  const second = await processMessage2(first.state, message2, (idCred) => {
    const isPinned = idCred.kind === "kid" && equalBytes(idCred.kid, pinned.kid);
    return Promise.resolve(isPinned ? { cred: pinned.bytes, key: verifyKey } : undefined);
  });
  const { kid, bytes: cred } = device.credential;
  const idCred: IdCred = enrolment === undefined ? { kind: "kid", kid } : { kind: "ccs", cred };
  const own = { idCred, cred, key: device.key };
  const ead3 = ead3Of(enrolment);
  const third = await createMessage3(second.state, own, { ead3, length: MESSAGE_3_BYTES });
  const message4 = await finish(prefixMessage3(third.cR, third.message3));
  const { ead4, exporter } = await processMessage4(third.state, message4, {
    length: MESSAGE_4_BYTES,
    knownEad: [EAD_GRANT],
  });
  const grant = ead4.find(({ label }) => label === EAD_GRANT)?.value;
  if (grant === undefined) throw new CliError("The hospital's message_4 holds no grant.");
  const { pass, expires, nonceH } = parseGrant(grant);
  const keys = await deriveSessionKeys(exporter);
  const session = { device, keys, pass, expires, nextSeq: 0 };
  return { session, nonceH, secret: await deriveConfirmationSecret(exporter) };
}

function ead3Of(enrolment: Enrolment | undefined): readonly EadItem[] {
  if (enrolment === undefined) return [];
  return [{ label: EAD_ENROLMENT, critical: true, value: encodeEnrolment(enrolment) }];
}
