import type { AgreementKey, Bytes, SigningKey, VerifyKey } from "@siphms/cose";
import { decodeCborSequence, fromHex } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import type { ReceivedEad } from "./ead.ts";
import { parseEad } from "./ead.ts";
import type { IdCred } from "./id-cred.ts";
import {
  createMessage1,
  createMessage2,
  createMessage3,
  createMessage4,
  processMessage1,
  processMessage2,
  processMessage3,
  processMessage4,
} from "./index.ts";
import type { EadItem, Exporter, OwnIdentity, ResolvePeer, Suite } from "./index.ts";
import { withRecordedSignature } from "./rfc-suites.suite.ts";

/** A recorded handshake of method 0 on P-256, whose signatures are fed back to the signer. */
export interface P256Trace {
  readonly suite: Suite;
  readonly initiator: RecordedParty;
  readonly responder: RecordedParty;
  readonly ead1?: readonly EadItem[];
  readonly ead2?: readonly EadItem[];
  readonly ead3?: readonly EadItem[];
  readonly ead4?: readonly EadItem[];
}

/** One side of it. */
export interface RecordedParty {
  readonly idCred: IdCred;
  readonly cred: Bytes;
  readonly point: { readonly x: Bytes; readonly y: Bytes };
  readonly scalar: Bytes;
  readonly signature: Bytes;
  readonly ephemeral: Bytes;
  readonly connectionId: Bytes;
}

/** What a replay gives. */
export interface Replay {
  readonly messages: readonly [Bytes, Bytes, Bytes, Bytes];
  readonly exporters: readonly [initiator: Exporter, responder: Exporter];
}

/** Plays both roles; each checks the other's recorded signature. */
export async function replay(trace: P256Trace): Promise<Replay> {
  const { initiator, responder } = trace;
  const first = await createMessage1(signingAs(trace.suite, initiator), {
    cI: initiator.connectionId,
    unsafeEphemeral: await ephemeralOf(initiator),
    ead1: trace.ead1 ?? [],
  });
  const received1 = await processMessage1([signingAs(trace.suite, responder)], first.message1);
  const second = await createMessage2(received1.state, await identityOf(responder), {
    cR: responder.connectionId,
    unsafeEphemeral: await ephemeralOf(responder),
    ead2: trace.ead2 ?? [],
  });
  const received2 = await processMessage2(first.state, second.message2, resolveTo(responder));
  const third = await createMessage3(received2.state, await identityOf(initiator), {
    ead3: trace.ead3 ?? [],
  });
  const received3 = await processMessage3(second.state, third.message3, resolveTo(initiator));
  const fourth = await createMessage4(received3.state, { ead4: trace.ead4 ?? [] });
  const received4 = await processMessage4(third.state, fourth.message4);
  return {
    messages: [first.message1, second.message2, third.message3, fourth.message4],
    exporters: [received4.exporter, received3.exporter],
  };
}

/**
 * A suite that signs what `party` recorded. The initiator's is given to {@link createMessage1}, the responder's to
 * {@link processMessage1}.
 */
export function signingAs(suite: Suite, party: RecordedParty): Suite {
  return withRecordedSignature(suite, party.signature);
}

/** The recorded ephemeral key of a party. */
export function ephemeralOf(party: RecordedParty): Promise<AgreementKey> {
  return createNodeCrypto().unsafeImportAgreementKey(party.ephemeral);
}

/** A recorded party as the engine's own side. */
export async function identityOf(party: RecordedParty): Promise<OwnIdentity> {
  return { idCred: party.idCred, cred: party.cred, key: await signingKeyOf(party) };
}

/** Knows exactly one peer, and only under its own ID_CRED. */
export function resolveTo(party: RecordedParty): ResolvePeer {
  return async (idCred) =>
    JSON.stringify(idCred) === JSON.stringify(party.idCred)
      ? { cred: party.cred, key: await verifyKeyOf(party) }
      : undefined;
}

/** The key that a party's recorded signature verifies under. */
function verifyKeyOf({ point }: RecordedParty): Promise<VerifyKey> {
  return createNodeCrypto().importVerifyKey(point);
}

function signingKeyOf({ scalar, point }: RecordedParty): Promise<SigningKey> {
  return createNodeCrypto().importSigningKey(scalar, point);
}

/** ID_CRED_x of a trace, which gives the header map. */
export function idCredFromMap(hex: string): IdCred {
  const [item] = decodeCborSequence(fromHex(hex));
  const map = item?.value;
  if (!(map instanceof Map) || map.size !== 1) throw new TypeError("not a map of one member");
  const kid: unknown = map.get(4);
  if (kid instanceof Uint8Array) return { kind: "kid", kid: new Uint8Array(kid) };
  if (map.has(14)) return { kind: "ccs", cred: fromHex(hex).slice(2) };
  throw new TypeError("neither kid nor kccs");
}

/** EAD_x of a trace, which gives the CBOR sequence; padding apart. */
export function eadFromSequence(hex: string | undefined): ReceivedEad {
  return parseEad(decodeCborSequence(fromHex(hex ?? "")));
}
