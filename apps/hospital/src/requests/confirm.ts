import { equalBytes } from "@siphms/cose";
import { commitment, confirmationCode, METHODS, type Request } from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import { appendAudit, auditNameOfDevice } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import {
  changeDevice,
  changeInvitation,
  findInvitation,
  lockDevice,
  openDeviceCode,
  type Device,
} from "../enrolment/index.ts";
import type { RequestAnswer, RequestContext } from "../ingest/index.ts";
import type { Keyring } from "../keys/index.ts";

/** What `confirm` needs. */
export interface ConfirmPorts {
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
}

const DONE: RequestAnswer = { error: 0, result: new Map() };
const REFUSED: RequestAnswer = { error: "refused", result: new Map() };

/**
 * Answers `confirm`: the device opens the commitment of its enrolment, and both sides can show the six digits.
 *
 * Good only in the session whose EAD_3 held the commitment. An opening that does not fit ends the binding for good: nobody
 * but somebody in the middle would try another one.
 *
 * @throws {MessageError} `PAYLOAD_SCHEMA`
 * @see protocol section 4, steps 3 and 4
 */
export async function answerConfirm(
  tx: Transaction,
  { request, context }: { readonly request: Request; readonly context: RequestContext },
  { keyring, crypto }: ConfirmPorts,
): Promise<RequestAnswer> {
  const { nonceD } = METHODS.confirm.parameters.parse(request.parameters);
  const { confirmation, nonceH } = context.session;
  if (confirmation === undefined) return REFUSED;
  const device = await lockDevice(tx, keyring, context.device.id);
  if (device === undefined) return REFUSED;
  if (!equalBytes(await commitment(nonceD, crypto), confirmation.commitment)) {
    await drop(tx, { device, now: context.now }, keyring);
    return { ...REFUSED, ends: { deviceId: device.id, reason: "confirmation-failed" } };
  }
  const code = await confirmationCode({ secret: confirmation.secret, nonceD, nonceH }, crypto);
  await noteCode(tx, { device, code, now: context.now }, keyring);
  return DONE;
}

async function noteCode(
  tx: Transaction,
  { device, code, now }: { readonly device: Device; readonly code: string; readonly now: number },
  keyring: Keyring,
): Promise<void> {
  // A right opening again gets the same answer again and changes nothing.
  if (device.state !== "pending" || (await openDeviceCode(tx, keyring, device)) === code) return;
  await changeDevice(tx, keyring, { device, change: { code } });
  await appendAudit(tx, [{ ...entry(device, now), event: "device.code", outcome: "done" }]);
}

async function drop(
  tx: Transaction,
  { device, now }: { readonly device: Device; readonly now: number },
  keyring: Keyring,
): Promise<void> {
  if (device.state === "pending") {
    await changeDevice(tx, keyring, {
      device,
      change: { state: "dropped", code: null, endedAt: now },
    });
    const invitation = await findInvitation(tx, keyring, device.invitationId);
    if (invitation?.voidAt === null) {
      await changeInvitation(tx, keyring, { invitation, change: { voidAt: now } });
    }
  }
  const detail = { reason: "confirmation-failed", alert: true };
  await appendAudit(tx, [
    { ...entry(device, now), event: "device.dropped", outcome: "refused", detail },
  ]);
}

function entry(device: Device, now: number) {
  return {
    at: now,
    actor: auditNameOfDevice(device.kid),
    subject: device.patientId,
    object: device.id.toString(),
    action: "update" as const,
  };
}
