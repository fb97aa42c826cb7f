import { appendAudit, auditNameOfDevice } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { changeDevice, type Device } from "./devices.ts";

/** Who takes a binding away, and when. */
export interface Revocation {
  /** Its row is locked. */
  readonly device: Device;
  /** As the audit log names them. */
  readonly actor: string;
  readonly now: number;
}

/**
 * Takes a binding away for good, whatever state it is in; once more, it changes nothing.
 *
 * Whoever calls closes the device's sessions in the same transaction.
 *
 * @returns whether there was something to take away.
 */
export async function revokeBinding(
  tx: Transaction,
  { device, actor, now }: Revocation,
  keyring: Keyring,
): Promise<boolean> {
  if (device.state === "revoked") return false;
  const change = { state: "revoked", code: null, endedAt: now } as const;
  await changeDevice(tx, keyring, { device, change });
  await appendAudit(tx, [
    {
      at: now,
      event: "device.revoked",
      actor,
      subject: device.patientId,
      object: auditNameOfDevice(device.kid),
      action: "update",
      outcome: "done",
      detail: { from: device.state },
    },
  ]);
  return true;
}
