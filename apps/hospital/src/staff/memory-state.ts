import { toHex } from "@siphms/cose";
import { CHALLENGE_LIFETIME_MS } from "./challenges.ts";
import type { LogInState, ProofState, SessionState } from "./log-in-state.ts";
import { findPasskey, type StaffPasskey } from "./passkey-rows.ts";
import type { StaffSessionRow } from "./session-rows.ts";
import { findTotp } from "./totp-rows.ts";
import { FORGET_TRIES_MS, type Tries } from "./try-rows.ts";

interface Memory {
  readonly sessions: Map<string, StaffSessionRow>;
  /** When each was spent, real time. */
  readonly challenges: Map<string, number>;
  /** Passkeys as their uses have changed them, by credential. */
  readonly passkeys: Map<string, StaffPasskey>;
  /** The step of the last code that was taken, by member of staff. */
  readonly steps: Map<number, number>;
  readonly tries: Map<string, Tries>;
}

/**
 * What signing in remembers, for a database that takes no writes: accounts and factors are read there, what becomes of them stays
 * here until the program ends. Transactions have to come one after the other: what the database locks, nothing locks here.
 *
 * Recovery codes are not taken: one that was used up here would be good once more at the hospital.
 *
 * @param now - Real time, ms.
 */
export function createMemoryState(now: () => number): LogInState {
  const memory: Memory = {
    sessions: new Map(),
    challenges: new Map(),
    passkeys: new Map(),
    steps: new Map(),
    tries: new Map(),
  };
  const sessions = rememberSessions(memory);
  return {
    sweep: (_, at) => {
      sweep(memory, at);
      return Promise.resolve();
    },
    sessions: () => sessions,
    proofs: (tx, keyring) => ({
      ...rememberProofs(memory, now),
      async lockPasskey(credentialId) {
        const stored = await findPasskey(tx, keyring, credentialId);
        const used = memory.passkeys.get(toHex(credentialId));
        return stored && used ? merge(stored, used) : stored;
      },
      async lockTotp(staffId) {
        const stored = await findTotp(tx, keyring, staffId);
        const lastStep = Math.max(stored?.lastStep ?? 0, memory.steps.get(staffId) ?? 0);
        return stored && { ...stored, lastStep };
      },
    }),
  };
}

function rememberSessions({ sessions }: Memory): SessionState {
  const deleteWhere = (isGone: (session: StaffSessionRow) => boolean): Promise<void> => {
    for (const [key, session] of sessions) if (isGone(session)) sessions.delete(key);
    return done();
  };
  return {
    insert: (session) => {
      sessions.set(toHex(session.idHash), { ...session, version: 1 });
      return done();
    },
    find: (idHash) => Promise.resolve(sessions.get(toHex(idHash))),
    touch: ({ idHash }, lastActiveAt) => {
      const session = sessions.get(toHex(idHash));
      // Ended meanwhile: it does not come back.
      if (session !== undefined) sessions.set(toHex(idHash), { ...session, lastActiveAt });
      return done();
    },
    delete: (idHash) => Promise.resolve(sessions.delete(toHex(idHash))),
    deleteOthers: (staffId, kept) =>
      deleteWhere((one) => one.staffId === staffId && toHex(one.idHash) !== toHex(kept)),
    deleteAll: (staffId) => deleteWhere((one) => one.staffId === staffId),
  };
}

function rememberProofs(
  { challenges, passkeys, steps, tries }: Memory,
  now: () => number,
): Omit<ProofState, "lockPasskey" | "lockTotp"> {
  return {
    spendChallenge: (challenge) => {
      const isNew = !challenges.has(challenge);
      challenges.set(challenge, now());
      return Promise.resolve(isNew);
    },
    updatePasskey: (passkey) => {
      passkeys.set(toHex(passkey.credentialId), passkey);
      return done();
    },
    markStepUsed: ({ staffId }, step) => {
      steps.set(staffId, step);
      return done();
    },
    takeRecoveryCode: () => Promise.resolve(false),
    // A hash that could cost more, and a notice: both have time until the hospital is back.
    storePassword: done,
    leaveNotice: done,
    lockTries: (key, at) => {
      const found = tries.get(toHex(key)) ?? { ...NO_TRIES, lastAt: at };
      tries.set(toHex(key), found);
      return Promise.resolve(found);
    },
    changeTries: (key, change) => {
      const found = tries.get(toHex(key));
      if (found !== undefined) tries.set(toHex(key), { ...found, ...change });
      return done();
    },
  };
}

/** The hospital may have changed it meanwhile: whichever says that it is not to be taken is right. */
function merge(stored: StaffPasskey, used: StaffPasskey): StaffPasskey {
  return {
    ...stored,
    counter: Math.max(stored.counter, used.counter),
    state: used.state === "suspended" ? "suspended" : stored.state,
  };
}

const NO_TRIES: Tries = { failures: 0, blockedUntil: 0, lastAt: 0, knownUntil: 0 };

function sweep({ sessions, challenges, tries }: Memory, now: number): void {
  for (const [key, { expiresAt }] of sessions) if (expiresAt <= now) sessions.delete(key);
  for (const [key, at] of challenges) {
    if (at + CHALLENGE_LIFETIME_MS <= now) challenges.delete(key);
  }
  for (const [key, { lastAt, knownUntil }] of tries) {
    if (lastAt + FORGET_TRIES_MS <= now && knownUntil <= now) tries.delete(key);
  }
}

const done = (): Promise<void> => Promise.resolve();
