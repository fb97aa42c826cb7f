import type { PasskeyProof } from "@siphms/api";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import { bytesOf } from "./bytes-of.ts";
import type { ChallengeUse } from "./challenges.ts";
import { proofsOf, type ProofState, type StatePorts } from "./log-in-state.ts";
import type { StaffPasskey } from "./passkey-rows.ts";
import { isCloned, verifyProof, type PasskeyPorts } from "./passkeys.ts";
import { canSignIn } from "./sessions.ts";
import { findStaffById, type Staff } from "./staff-rows.ts";

/** Why somebody was not taken for who they say they are. For the audit log, never for the answer (SR-09). */
export type Refusal =
  | "challenge"
  | "challenge-used"
  | "code"
  | "code-used"
  | "disabled"
  | "key-unknown"
  | "other-person"
  | "passkey-cloned"
  | "passkey-suspended"
  | "passkey-unknown"
  | "password"
  | "proof"
  | "unknown";

/** Who somebody is, or why not. `staffId`: whose account it was about, where that is known. */
export type Proved =
  | { readonly kind: "proved"; readonly staff: Staff; readonly recovered: boolean }
  | { readonly kind: "refused"; readonly reason: Refusal; readonly staffId: number | undefined };

/**
 * Finds out who answered a challenge with a passkey, and uses the challenge up.
 *
 * The signature is verified before the challenge is spent and the count compared: else anybody could spend and suspend.
 */
export async function provePasskey(
  tx: Transaction,
  { proof, use }: { readonly proof: PasskeyProof; readonly use: ChallengeUse },
  ports: PasskeyPorts & StatePorts & { readonly now: number },
): Promise<Proved> {
  const state = proofsOf(tx, ports);
  const credentialId = bytesOf(proof.id);
  const passkey = credentialId === undefined ? undefined : await state.lockPasskey(credentialId);
  if (passkey === undefined) {
    return { kind: "refused", reason: "passkey-unknown", staffId: use.staffId ?? undefined };
  }
  const { staffId } = passkey;
  const refused = (reason: Refusal): Proved => ({ kind: "refused", reason, staffId });
  if (use.staffId !== null && use.staffId !== staffId) return refused("other-person");
  const verified = await verifyProof({ proof, passkey, use }, ports);
  if (verified === undefined) return refused("proof");
  if (!(await state.spendChallenge(verified.challenge))) return refused("challenge-used");
  if (passkey.state === "suspended") return refused("passkey-suspended");
  if (isCloned(passkey.counter, verified.counter)) {
    await suspend(tx, passkey, { state, now: ports.now });
    return refused("passkey-cloned");
  }
  const staff = await findStaffById(tx, ports.keyring, staffId);
  if (!canSignIn(staff)) return refused("disabled");
  const used = { ...passkey, counter: verified.counter, lastUsedAt: ports.now };
  await state.updatePasskey(used);
  return { kind: "proved", staff, recovered: false };
}

/** Neither the original nor the copy signs in any more: which is which, nobody can tell (SR-04). */
async function suspend(
  tx: Transaction,
  passkey: StaffPasskey,
  { state, now }: { readonly state: ProofState; readonly now: number },
): Promise<void> {
  const { id, staffId } = passkey;
  await state.updatePasskey({ ...passkey, state: "suspended" });
  await state.leaveNotice({ staffId, at: now, kind: "passkey-suspended" });
  await appendAudit(tx, [
    {
      at: now,
      event: "staff.passkey-suspended",
      actor: "hospital",
      object: auditNameOfStaff(staffId),
      action: "update",
      outcome: "done",
      detail: { passkey: id, reason: "passkey-cloned" },
    },
  ]);
}
