import { equalBytes, type Credential } from "@siphms/cose";
import { appendAudit, auditNameOfDevice, type AuditEntry } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { changeDevice, insertDevice, readDevice, recordSeenKey, type Device } from "./devices.ts";
import { changeInvitation, lockInvitationByToken, type StoredInvitation } from "./invitations.ts";

/** How many codes one invitation can show (protocol section 4). */
const MAX_CODES = 3;

/** What a device brought in a message_3 that has verified as a whole. */
export interface RedemptionClaim {
  readonly token: Uint8Array;
  readonly deviceName: string;
  /** The device's own, its signature verified. */
  readonly credential: Credential;
}

/** Why a token binds nothing. The device learns none of it. */
export type RedemptionRefusal =
  | "token-unknown"
  | "token-void"
  | "token-expired"
  | "key-known"
  | "token-spent"
  | "binding-ended"
  | "codes-spent";

/** What became of a token. A refusal may have changed something, so its transaction has to be committed all the same. */
export type Redemption =
  | { readonly kind: "bound"; readonly device: Device }
  | { readonly kind: "refused"; readonly reason: RedemptionRefusal };

/** What redemption needs. */
export interface RedemptionPorts {
  readonly keyring: Keyring;
  readonly now: number;
  /** Closes the sessions of a binding that is dropped. */
  readonly closeSessions: (tx: Transaction, deviceId: number) => Promise<void>;
}

/**
 * Redeems an invitation's token: binds the device to the patient, pending, or renews the code of the binding that the
 * same key has already made with it.
 *
 * The token's row is locked first, so of two redemptions one comes after the other. Each call that binds counts as a
 * code shown; the fourth drops the binding and voids the invitation. A token that comes with another key than the one
 * that redeemed it is an alarm for staff.
 *
 * @see protocol section 4
 */
export async function redeemToken(
  tx: Transaction,
  claim: RedemptionClaim,
  ports: RedemptionPorts,
): Promise<Redemption> {
  const invitation = await lockInvitationByToken(tx, ports.keyring, claim.token);
  if (invitation === undefined) return { kind: "refused", reason: "token-unknown" };
  const redemption =
    invitation.redeemedAt === null
      ? await bind(tx, { claim, invitation }, ports)
      : await renew(tx, { claim, invitation }, ports);
  await appendAudit(tx, [describe(redemption, { claim, invitation }, ports.now)]);
  return redemption;
}

interface Case {
  readonly claim: RedemptionClaim;
  readonly invitation: StoredInvitation;
}

async function bind(
  tx: Transaction,
  { claim, invitation }: Case,
  { keyring, now }: RedemptionPorts,
): Promise<Redemption> {
  if (invitation.voidAt !== null) return { kind: "refused", reason: "token-void" };
  if (invitation.expiresAt <= now) return { kind: "refused", reason: "token-expired" };
  const { kid, thumbprint, bytes } = claim.credential;
  if (!(await recordSeenKey(tx, { kid, thumbprint, now }))) {
    return { kind: "refused", reason: "key-known" };
  }
  const device = await insertDevice(tx, keyring, {
    kid,
    thumbprint,
    credential: bytes,
    patientId: invitation.patientId,
    invitationId: invitation.id,
    name: claim.deviceName,
    enrolledAt: now,
  });
  await changeInvitation(tx, keyring, { invitation, change: { redeemedAt: now, codesShown: 1 } });
  return { kind: "bound", device };
}

async function renew(
  tx: Transaction,
  { claim, invitation }: Case,
  { keyring, now, closeSessions }: RedemptionPorts,
): Promise<Redemption> {
  const device = await lockDeviceOfInvitation(tx, keyring, invitation.id);
  if (device === undefined || !equalBytes(device.thumbprint, claim.credential.thumbprint)) {
    return { kind: "refused", reason: "token-spent" };
  }
  if (device.state !== "pending" || invitation.voidAt !== null) {
    return { kind: "refused", reason: "binding-ended" };
  }
  if (invitation.codesShown >= MAX_CODES) {
    const change = { state: "dropped", code: null, endedAt: now } as const;
    await changeDevice(tx, keyring, { device, change });
    await changeInvitation(tx, keyring, { invitation, change: { voidAt: now } });
    await closeSessions(tx, device.id);
    return { kind: "refused", reason: "codes-spent" };
  }
  const codesShown = invitation.codesShown + 1;
  await changeInvitation(tx, keyring, { invitation, change: { codesShown } });
  // The code that staff may be looking at belongs to a session that the device has given up.
  return {
    kind: "bound",
    device: await changeDevice(tx, keyring, { device, change: { code: null } }),
  };
}

async function lockDeviceOfInvitation(
  tx: Transaction,
  keyring: Keyring,
  invitationId: number,
): Promise<Device | undefined> {
  const { rows } = await tx.query(
    "SELECT * FROM devices WHERE invitation_id = $1 FOR NO KEY UPDATE",
    [invitationId],
  );
  return rows[0] === undefined ? undefined : readDevice(rows[0], keyring);
}

function describe(redemption: Redemption, { claim, invitation }: Case, now: number): AuditEntry {
  const common = {
    at: now,
    actor: auditNameOfDevice(claim.credential.kid),
    subject: invitation.patientId,
    object: invitation.id.toString(),
    action: "create" as const,
  };
  if (redemption.kind === "bound") {
    const detail = { device: redemption.device.id };
    return { ...common, event: "device.enrolled", outcome: "done", detail };
  }
  const { reason } = redemption;
  const event = reason === "codes-spent" ? "device.dropped" : "device.refused";
  // A spent token in another's hands: somebody has seen the invitation.
  const detail = reason === "token-spent" ? { reason, alert: true } : { reason };
  return { ...common, event, outcome: "refused", detail };
}
