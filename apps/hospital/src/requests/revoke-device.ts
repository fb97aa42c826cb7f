import { METHODS, type Request } from "@siphms/messages";
import { auditNameOfDevice } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import { findDeviceByKid, lockDevice, revokeBinding, type Device } from "../enrolment/index.ts";
import type { RequestAnswer, RequestContext } from "../ingest/index.ts";
import type { Keyring } from "../keys/index.ts";
import { applyInOrder } from "./ordered-changes.ts";

/** What `revoke-device` needs. */
export interface RevokeDevicePorts {
  readonly keyring: Keyring;
  /** Told after the commit. */
  readonly onRevoked: (patientId: string) => void;
}

/**
 * Answers `revoke-device`: the patient takes a device away that was lost or given away, or the very one that asks.
 *
 * Once more it changes nothing. A kid of somebody else's device is refused like one that nobody has. The device's
 * sessions close in the same transaction.
 *
 * @throws {MessageError} `PAYLOAD_SCHEMA`
 * @see protocol section 6, "Requests"
 */
export async function answerRevokeDevice(
  tx: Transaction,
  { request, context }: { readonly request: Request; readonly context: RequestContext },
  { keyring, onRevoked }: RevokeDevicePorts,
): Promise<RequestAnswer> {
  const { patientId } = context.session;
  const { kid } = METHODS["revoke-device"].parameters.parse(request.parameters);
  const found = await findDeviceByKid(tx, keyring, kid);
  if (found?.patientId !== patientId) return { error: "refused", result: new Map() };
  if (!(await applyInOrder(tx, request, { patientId, deviceId: context.device.id }))) {
    return { error: "stale", result: new Map() };
  }
  const device = await lockDevice(tx, keyring, found.id);
  if (device !== undefined) await revoke(tx, { device, context }, { keyring, onRevoked });
  return {
    error: 0,
    result: METHODS["revoke-device"].result.encode({}),
    ends: {
      deviceId: found.id,
      reason: found.id === context.device.id ? "device-left" : "device-revoked",
    },
  };
}

async function revoke(
  tx: Transaction,
  { device, context }: { readonly device: Device; readonly context: RequestContext },
  { keyring, onRevoked }: RevokeDevicePorts,
): Promise<void> {
  const actor = auditNameOfDevice(context.device.kid);
  if (!(await revokeBinding(tx, { device, actor, now: context.now }, keyring))) return;
  tx.afterCommit(() => {
    onRevoked(device.patientId);
  });
}
