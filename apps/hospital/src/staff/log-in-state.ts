import type { Queryable, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { deleteSpentChallenges, spendChallenge } from "./challenges.ts";
import { lockPasskey, updatePasskey, type StaffPasskey } from "./passkey-rows.ts";
import { storePassword, type StaffPassword } from "./password-rows.ts";
import { takeRecoveryCode } from "./recovery-code-rows.ts";
import {
  deleteAccessOf,
  deleteExpired,
  deleteOtherSessions,
  deleteStaffSession,
  findStaffSession,
  insertStaffSession,
  touchStaffSession,
  type StaffSessionRow,
} from "./session-rows.ts";
import { leaveNotice, type StaffNoticeKind } from "./staff-notices.ts";
import { lockTotp, markStepUsed, type StaffTotp } from "./totp-rows.ts";
import { changeTries, deleteOldTries, lockTries, type Tries } from "./try-rows.ts";

/** The sessions that are open. */
export interface SessionState {
  insert(session: Omit<StaffSessionRow, "version">): Promise<void>;
  /** @throws {KeyError} `ROW_ALTERED` */
  find(idHash: Uint8Array): Promise<StaffSessionRow | undefined>;
  /** Notes activity. */
  touch(session: StaffSessionRow, now: number): Promise<void>;
  /** Ends one; true when there was one. */
  delete(idHash: Uint8Array): Promise<boolean>;
  /** Ends somebody's sessions but one. */
  deleteOthers(staffId: number, kept: Uint8Array): Promise<void>;
  /** Ends all of somebody's sessions, and the links that would open another. */
  deleteAll(staffId: number): Promise<void>;
}

/** What proofs leave behind: each challenge, code and count is good once, and tries that fail make others wait. */
export interface ProofState {
  /** Uses up a challenge; false when it was used before. */
  spendChallenge(challenge: string): Promise<boolean>;
  /** Finds a passkey; of two uses at once one comes first. */
  lockPasskey(credentialId: Uint8Array): Promise<StaffPasskey | undefined>;
  updatePasskey(passkey: StaffPasskey): Promise<void>;
  /** Finds a TOTP secret; of two uses of one code one comes first. */
  lockTotp(staffId: number): Promise<StaffTotp | undefined>;
  markStepUsed(totp: StaffTotp, step: number): Promise<void>;
  /** Uses up a recovery code; false when there is none like it. */
  takeRecoveryCode(use: {
    readonly staffId: number;
    readonly code: string;
    readonly now: number;
  }): Promise<boolean>;
  storePassword(password: Omit<StaffPassword, "version">): Promise<void>;
  leaveNotice(notice: {
    readonly staffId: number;
    readonly at: number;
    readonly kind: StaffNoticeKind;
  }): Promise<void>;
  /** Finds a count, made when there is none; of two tries at once one comes first. */
  lockTries(key: Uint8Array, now: number): Promise<Tries>;
  /** Changes a count that is there. */
  changeTries(key: Uint8Array, change: Partial<Tries>): Promise<void>;
}

/** Where signing in keeps what it has to remember: in the database, or elsewhere where that takes no writes. */
export interface LogInState {
  /** Forgets what can no longer open or hinder anything. */
  sweep(queryable: Queryable, now: number): Promise<void>;
  sessions(queryable: Queryable, keyring: Keyring): SessionState;
  proofs(tx: Transaction, keyring: Keyring): ProofState;
}

/** Ports of whatever signs in; without `state` it is kept in the database. */
export interface StatePorts {
  readonly keyring: Keyring;
  readonly state?: LogInState | undefined;
}

const STORED: LogInState = {
  async sweep(queryable, now) {
    await deleteExpired(queryable, now);
    await deleteSpentChallenges(queryable, now);
    await deleteOldTries(queryable, now);
  },
  sessions: (queryable, keyring) => ({
    insert: (session) => insertStaffSession(queryable, keyring, session),
    find: (idHash) => findStaffSession(queryable, keyring, idHash),
    touch: (session, now) => touchStaffSession(queryable, keyring, { session, now }),
    delete: (idHash) => deleteStaffSession(queryable, idHash),
    deleteOthers: (staffId, kept) => deleteOtherSessions(queryable, { staffId, kept }),
    deleteAll: (staffId) => deleteAccessOf(queryable, staffId),
  }),
  proofs: (tx, keyring) => ({
    spendChallenge: (challenge) => spendChallenge(tx, keyring, challenge),
    lockPasskey: (credentialId) => lockPasskey(tx, keyring, credentialId),
    updatePasskey: (passkey) => updatePasskey(tx, keyring, passkey),
    lockTotp: (staffId) => lockTotp(tx, keyring, staffId),
    markStepUsed: (totp, step) => markStepUsed(tx, keyring, { totp, step }),
    takeRecoveryCode: (use) => takeRecoveryCode(tx, keyring, use),
    storePassword: (password) => storePassword(tx, keyring, password),
    leaveNotice: (notice) => leaveNotice(tx, notice),
    lockTries: (key, now) => lockTries(tx, key, now),
    changeTries: (key, change) => changeTries(tx, key, change),
  }),
};

/** Forgets what can no longer open or hinder anything, where these ports keep it. */
export function sweepState(
  queryable: Queryable,
  { state }: StatePorts,
  now: number,
): Promise<void> {
  return (state ?? STORED).sweep(queryable, now);
}

/** The sessions, where these ports keep them. */
export function sessionsOf(queryable: Queryable, { state, keyring }: StatePorts): SessionState {
  return (state ?? STORED).sessions(queryable, keyring);
}

/** What proofs leave behind, where these ports keep it. */
export function proofsOf(tx: Transaction, { state, keyring }: StatePorts): ProofState {
  return (state ?? STORED).proofs(tx, keyring);
}
