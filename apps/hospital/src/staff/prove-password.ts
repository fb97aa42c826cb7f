import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { PasswordHasher } from "./password-hash.ts";
import { proofsOf, type ProofState, type StatePorts } from "./log-in-state.ts";
import { findPassword, type StaffPassword } from "./password-rows.ts";
import type { Proved, Refusal } from "./prove-passkey.ts";
import { canSignIn } from "./sessions.ts";
import { findStaffById } from "./staff-rows.ts";
import type { StaffTotp } from "./totp-rows.ts";
import { stepOfCode } from "./totp.ts";

/** What is known of a password after the long work, outside any transaction. */
export interface CheckedPassword {
  readonly staffId: number;
  readonly stored: StaffPassword | undefined;
  readonly isRight: boolean;
  /** Made where the stored hash cost less than hashes do now. */
  readonly rehashed: string | undefined;
}

interface PasswordPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly hasher: PasswordHasher;
}

/** Nobody has this number: who is looked for under it costs as much as anybody. */
const NOBODY = 0;
const TOTP_CODE = /^[0-9]{6}$/;

/** Compares a password, in the same time whether or not there is such a person and such a password (SR-09). */
export async function checkPassword(
  {
    staffId = NOBODY,
    password,
  }: { readonly staffId: number | undefined; readonly password: string },
  { database, keyring, hasher }: PasswordPorts,
): Promise<CheckedPassword> {
  const stored = await findPassword(database, keyring, staffId);
  const isRight = await hasher.verify(stored?.hash, password);
  const rehashed =
    isRight && stored !== undefined && hasher.isOutdated(stored.hash)
      ? await hasher.hash(password)
      : undefined;
  return { staffId, stored, isRight, rehashed };
}

/**
 * Finds out whether a checked password and a second factor together are somebody's, and uses the second factor up.
 *
 * Everything is read before anything is decided, so that no answer comes sooner than another (SR-09).
 */
export async function provePassword(
  tx: Transaction,
  { checked, code }: { readonly checked: CheckedPassword; readonly code: string },
  ports: StatePorts & { readonly now: number },
): Promise<Proved> {
  const { keyring, now } = ports;
  const state = proofsOf(tx, ports);
  const { staffId, rehashed } = checked;
  const staff = await findStaffById(tx, keyring, staffId);
  const stored = await findPassword(tx, keyring, staffId);
  const totp = await state.lockTotp(staffId);
  const refused = (reason: Refusal): Proved => ({
    kind: "refused",
    reason,
    staffId: staff?.id,
  });
  if (staff === undefined) return refused("unknown");
  if (!canSignIn(staff)) return refused("disabled");
  // Changed between the comparison and now: what was compared is nobody's password any more.
  if (!checked.isRight || stored?.version !== checked.stored?.version) return refused("password");
  const fault = await takeCode(state, { staffId, totp, code }, now);
  if (fault !== undefined) return refused(fault);
  if (rehashed !== undefined) {
    await state.storePassword({
      staffId,
      hash: rehashed,
      changedAt: stored?.changedAt ?? now,
    });
  }
  return { kind: "proved", staff, recovered: !TOTP_CODE.test(code) };
}

/** Takes a TOTP code or a recovery code, each once. */
async function takeCode(
  state: ProofState,
  use: { readonly staffId: number; readonly totp: StaffTotp | undefined; readonly code: string },
  now: number,
): Promise<Refusal | undefined> {
  const { staffId, totp, code } = use;
  if (!TOTP_CODE.test(code)) {
    const isTaken = await state.takeRecoveryCode({ staffId, code, now });
    return isTaken ? undefined : "code";
  }
  const step = totp === undefined ? undefined : stepOfCode(totp.secret, code, now);
  if (totp === undefined || step === undefined) return "code";
  // RFC 6238 §5.2: a code is good once, and none before it either.
  if (step <= totp.lastStep) return "code-used";
  await state.markStepUsed(totp, step);
  return undefined;
}
