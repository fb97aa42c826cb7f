import type { KeyProof, PasskeyProof, PasskeyRequest } from "@siphms/api";
import { toHex } from "@siphms/cose";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import type { ChallengeUse } from "./challenges.ts";
import { requestPasskey, type PasskeyPorts } from "./passkeys.ts";
import type { PasswordHasher } from "./password-hash.ts";
import { proveKey, requestKeyProof } from "./prove-key.ts";
import { provePasskey, type Proved } from "./prove-passkey.ts";
import { checkPassword, provePassword } from "./prove-password.ts";
import { proofsOf, sessionsOf, type StatePorts } from "./log-in-state.ts";
import type { SessionMethod } from "./session-rows.ts";
import {
  openStaffSession,
  renewStaffSession,
  sessionIdHash,
  type Channel,
  type OpenedSession,
  type SignedIn,
} from "./sessions.ts";
import { findStaffByName, type Staff } from "./staff-rows.ts";
import { countTry, forgetAccountTries, noteSuccess, sourceTag, type Attempt } from "./tries.ts";
import type { UnknownCallers } from "./unknown-callers.ts";

/** What signing in, or proving anew who one is, came to. Whatever was wrong: it is `log-in-refused` (SR-09). */
export type LogInOutcome =
  | ({ readonly kind: "opened" } & OpenedSession)
  | { readonly kind: "log-in-refused" }
  | { readonly kind: "too-many-tries"; readonly retryAfterMs: number };

/** What every way in is told about the request. */
export interface Caller {
  /** The address that the request came from. */
  readonly source: string;
  /** The token of the session before, of the same channel: that session ends. */
  readonly previousToken: string | undefined;
  /** Where the session will be used; in a browser, unless said otherwise. */
  readonly channel?: Channel;
}

/** The ways in: a passkey, or password with TOTP or recovery code. Never one factor alone (SR-01). */
export interface LogInDesk {
  /** What a browser is asked for; names nobody. */
  requestPasskey(): PasskeyRequest;
  /** What a machine is asked to sign; names nobody. */
  requestKeyProof(): { readonly challenge: string };
  /** Lets a machine in, on the command line alone: its key is no second factor of a person. */
  byKey(proof: KeyProof, caller: Omit<Caller, "channel">): Promise<LogInOutcome>;
  byPasskey(proof: PasskeyProof, caller: Caller): Promise<LogInOutcome>;
  byPassword(
    typed: { readonly name: string; readonly password: string; readonly code: string },
    caller: Caller,
  ): Promise<LogInOutcome>;
  /** What a browser is asked for; only this person's answer in this session counts. */
  requestStepUp(signedIn: SignedIn): PasskeyRequest;
  stepUpByPasskey(signedIn: SignedIn, proof: PasskeyProof, source: string): Promise<LogInOutcome>;
  stepUpByPassword(
    signedIn: SignedIn,
    typed: { readonly password: string; readonly code: string },
    source: string,
  ): Promise<LogInOutcome>;
}

/** What log-in stands on. */
export interface LogInPorts extends PasskeyPorts, StatePorts {
  /** What machines name in what they sign; without it none can log in. */
  readonly hospitalId?: string | undefined;
  readonly database: Database;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  readonly unknownCallers: UnknownCallers;
}

type Refused = Extract<Proved, { kind: "refused" }>;

/** What becomes of a proof: a new session, or another one in the place of the one that is there. */
type Purpose =
  | {
      readonly kind: "log-in";
      readonly previousToken: string | undefined;
      readonly channel: Channel;
    }
  | { readonly kind: "step-up"; readonly signedIn: SignedIn };

/** The event under which failed log-ins stand in the audit log, with the account as object where there is one. */
export const LOG_IN_REFUSED = "staff.log-in-refused";
/** The event under which it stands that after failed tries others have to wait. */
export const LOG_IN_SLOWED = "staff.log-in-slowed";
const ANYBODY: ChallengeUse = { purpose: "log-in", staffId: null, bound: null };

/** Joins the ways in. */
export function createLogInDesk(ports: LogInPorts): LogInDesk {
  return {
    requestPasskey: () => requestPasskey(ANYBODY, ports, ports.clock.now()),
    requestKeyProof: () => requestKeyProof(ports),
    byKey: (proof, { source, previousToken }) =>
      enterByKey({ proof, source, previousToken }, ports),
    byPasskey: (proof, caller) =>
      enterByPasskey(
        { proof, use: ANYBODY, source: caller.source, purpose: logInOf(caller) },
        ports,
      ),
    byPassword: ({ name, password, code }, caller) =>
      enterByPassword(
        {
          attempt: { name, source: caller.source },
          password,
          code,
          purpose: logInOf(caller),
        },
        ports,
      ),
    requestStepUp: (signedIn) => requestPasskey(useOf(signedIn), ports, ports.clock.now()),
    stepUpByPasskey: (signedIn, proof, source) =>
      enterByPasskey(
        { proof, use: useOf(signedIn), source, purpose: { kind: "step-up", signedIn } },
        ports,
      ),
    stepUpByPassword: (signedIn, { password, code }, source) =>
      enterByPassword(
        {
          attempt: { name: signedIn.staff.name, source },
          password,
          code,
          purpose: { kind: "step-up", signedIn },
        },
        ports,
      ),
  };
}

function logInOf({ previousToken, channel = "browser" }: Caller): Purpose {
  return { kind: "log-in", previousToken, channel };
}

function useOf(signedIn: SignedIn): ChallengeUse {
  return { purpose: "step-up", staffId: signedIn.staff.id, bound: sessionIdHash(signedIn) };
}

/**
 * A signature cannot be guessed: passkeys wait for nobody's failed tries, so strangers keep no one out (SR-08). What does not
 * wait comes as often as somebody likes: refusals are counted, so that they fill no log.
 */
async function enterByPasskey(
  input: {
    readonly proof: PasskeyProof;
    readonly use: ChallengeUse;
    readonly source: string;
    readonly purpose: Purpose;
  },
  ports: LogInPorts,
): Promise<LogInOutcome> {
  const now = ports.clock.now();
  const outcome = await ports.database.withTransaction(async (tx) => {
    const proved = await provePasskey(tx, input, { ...ports, now });
    if (proved.kind === "refused") return proved;
    await forgetAccountTries(tx, ports, proved.staff.name);
    return enter(tx, { proved, method: "passkey", purpose: input.purpose }, ports);
  });
  return unlessRefused(outcome, { by: "passkey", source: input.source }, ports);
}

/** As a passkey's, a key's signature cannot be guessed: nothing waits, and refusals are counted. */
async function enterByKey(
  input: {
    readonly proof: KeyProof;
    readonly source: string;
    readonly previousToken: string | undefined;
  },
  ports: LogInPorts,
): Promise<LogInOutcome> {
  const { proof, source, previousToken } = input;
  const now = ports.clock.now();
  const outcome = await ports.database.withTransaction(async (tx) => {
    const proved = await proveKey(tx, proof, { ...ports, now });
    if (proved.kind === "refused") return proved;
    const purpose = { kind: "log-in", previousToken, channel: "command-line" } as const;
    return enter(tx, { proved, method: "key", purpose }, ports);
  });
  return unlessRefused(outcome, { by: "key", source }, ports);
}

async function unlessRefused(
  outcome: LogInOutcome | Refused,
  { by, source }: { readonly by: SessionMethod; readonly source: string },
  { keyring, unknownCallers }: LogInPorts,
): Promise<LogInOutcome> {
  if (outcome.kind !== "refused") return outcome;
  const { reason, staffId } = outcome;
  const account = staffId === undefined ? {} : { object: auditNameOfStaff(staffId) };
  const call = { event: LOG_IN_REFUSED, ...account, detail: { by, reason } };
  await unknownCallers.note(call, toHex(sourceTag(keyring, source)));
  return { kind: "log-in-refused" };
}

async function enterByPassword(
  input: {
    readonly attempt: Attempt;
    readonly password: string;
    readonly code: string;
    readonly purpose: Purpose;
  },
  ports: LogInPorts,
): Promise<LogInOutcome> {
  const { attempt, password, code, purpose } = input;
  const { database, keyring } = ports;
  const now = ports.clock.now();
  const staff = await findStaffByName(database, keyring, attempt.name);
  // Committed before the comparison, so that neither a crash nor a hundred requests at once give free tries.
  const counted = await database.withTransaction((tx) =>
    countAndWarn(tx, { attempt, staff, now }, ports),
  );
  if (counted.kind === "wait") {
    return { kind: "too-many-tries", retryAfterMs: counted.until - now };
  }
  const checked = await checkPassword({ staffId: staff?.id, password }, ports);
  return database.withTransaction(async (tx) => {
    const proved = await provePassword(tx, { checked, code }, { ...ports, now });
    if (proved.kind === "refused") {
      await noteRefused(tx, { proved, source: attempt.source }, ports);
      return { kind: "log-in-refused" };
    }
    await noteSuccess(tx, ports, { attempt, now });
    return enter(tx, { proved, method: "password", purpose }, ports);
  });
}

/** Counts a try; from the first one that makes others wait, the account's owner and the audit log know of it. */
async function countAndWarn(
  tx: Transaction,
  input: { readonly attempt: Attempt; readonly staff: Staff | undefined; readonly now: number },
  ports: LogInPorts,
) {
  const { attempt, staff, now } = input;
  const counted = await countTry(tx, ports, { attempt, now });
  if (counted.kind === "wait" || !counted.slowedNow) return counted;
  if (staff !== undefined) {
    await proofsOf(tx, ports).leaveNotice({ staffId: staff.id, at: now, kind: "log-in-slowed" });
  }
  await appendAudit(tx, [
    {
      at: now,
      event: LOG_IN_SLOWED,
      actor: "anybody",
      ...(staff === undefined ? {} : { object: auditNameOfStaff(staff.id) }),
      action: "execute",
      outcome: "refused",
      detail: { source: toHex(sourceTag(ports.keyring, attempt.source)) },
    },
  ]);
  return counted;
}

async function enter(
  tx: Transaction,
  input: {
    readonly proved: Extract<Proved, { kind: "proved" }>;
    readonly method: SessionMethod;
    readonly purpose: Purpose;
  },
  ports: LogInPorts,
): Promise<LogInOutcome> {
  const { proved, method, purpose } = input;
  const { staff, recovered } = proved;
  const opened =
    purpose.kind === "log-in"
      ? await openStaffSession(
          tx,
          {
            staff,
            method,
            channel: purpose.channel,
            previousToken: purpose.previousToken,
            ...(recovered ? { detail: { recovered } } : {}),
          },
          ports,
        )
      : await renewStaffSession(tx, { signedIn: purpose.signedIn, method }, ports);
  if (opened === undefined) return { kind: "log-in-refused" };
  if (recovered) {
    // The phone with the TOTP app may be in other hands: what it had opened ends (SR-11).
    const kept = sessionIdHash(opened.signedIn);
    await sessionsOf(tx, ports).deleteOthers(staff.id, kept);
    const at = ports.clock.now();
    await proofsOf(tx, ports).leaveNotice({ staffId: staff.id, at, kind: "recovery-code-used" });
  }
  return { kind: "opened", ...opened };
}

/** Each refused password has an entry of its own: whoever types many has to wait. */
async function noteRefused(
  tx: Transaction,
  refused: { readonly proved: Refused; readonly source: string },
  { keyring, clock }: LogInPorts,
): Promise<void> {
  const { reason, staffId } = refused.proved;
  await appendAudit(tx, [
    {
      at: clock.now(),
      event: LOG_IN_REFUSED,
      actor: "anybody",
      ...(staffId === undefined ? {} : { object: auditNameOfStaff(staffId) }),
      action: "execute",
      outcome: "refused",
      detail: { by: "password", reason, source: toHex(sourceTag(keyring, refused.source)) },
    },
  ]);
}
