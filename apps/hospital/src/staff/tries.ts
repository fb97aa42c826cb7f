import type { Bytes } from "@siphms/cose";
import type { Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { proofsOf, type ProofState, type StatePorts } from "./log-in-state.ts";
import { networkOf } from "./source.ts";
import { foldName } from "./staff-rows.ts";
import { FORGET_TRIES_MS, type Tries } from "./try-rows.ts";

/** Who tries to sign in, and from where. */
export interface Attempt {
  /** The name that was typed, whether or not somebody has it. */
  readonly name: string;
  /** The address that the request came from. */
  readonly source: string;
}

/** Whether a try may go on. `slowedNow`: this is the account's first try that others will have to wait after. */
export type TryOutcome =
  | { readonly kind: "go-on"; readonly slowedNow: boolean }
  | { readonly kind: "wait"; readonly until: number };

/** When tries of one sort begin to wait, and how long at most. */
export interface TryRule {
  /** Failures in a row that cost nothing. */
  readonly free: number;
  readonly maxDelayMs: number;
  /** Without a try for this long, the count begins anew. */
  readonly forgetMs: number;
  /** After so many in a row nothing goes on until the count begins anew. */
  readonly shutAfter?: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * The rules (SR-08). One source that tries one account waits soonest. The account as a whole waits for whoever comes from
 * a source from which it never signed in: so strangers, from however many addresses, get a hundred tries in a row (NIST
 * SP 800-63B §5.2.2) and the right person is not kept out, neither from the usual place nor with a passkey.
 */
export const TRY_RULES = {
  both: { free: 4, maxDelayMs: 15 * MINUTE_MS, forgetMs: DAY_MS },
  account: { free: 9, maxDelayMs: 15 * MINUTE_MS, forgetMs: FORGET_TRIES_MS, shutAfter: 100 },
  source: { free: 29, maxDelayMs: 5 * MINUTE_MS, forgetMs: 60 * MINUTE_MS },
} as const satisfies Record<string, TryRule>;

/** How long a source from which an account signed in is taken for one of its usual places. */
export const KNOWN_SOURCE_MS = 90 * DAY_MS;
const FIRST_DELAY_MS = 1000;

const NO_FAILURES = { failures: 0, blockedUntil: 0 };

/** How long the next try waits after so many failures in a row: nothing, then a second, then twice as long each time. */
export function delayAfter(failures: number, rule: TryRule): number {
  if (rule.shutAfter !== undefined && failures >= rule.shutAfter) return rule.forgetMs;
  const beyond = failures - rule.free;
  if (beyond <= 0) return 0;
  // Past 30 doublings the power is far over every limit; it must only stay a number.
  return Math.min(rule.maxDelayMs, FIRST_DELAY_MS * 2 ** Math.min(beyond - 1, 30));
}

/**
 * Counts a try as failed before it is known, so that a hundred at once are no way around; {@link noteSuccess} takes it back.
 *
 * A try that has to wait is not looked at and counts for nothing: whoever keeps knocking makes nobody wait longer.
 */
export async function countTry(
  tx: Transaction,
  ports: StatePorts,
  { attempt, now }: { readonly attempt: Attempt; readonly now: number },
): Promise<TryOutcome> {
  const keys = await keysOf(tx, ports.keyring, attempt);
  const state = proofsOf(tx, ports);
  const source = await state.lockTries(keys.source, now);
  // Before the others are made: else a source that waits could fill the table with names.
  if (now < source.blockedUntil) return { kind: "wait", until: source.blockedUntil };
  const both = await state.lockTries(keys.both, now);
  const account = await state.lockTries(keys.account, now);
  const isKnown = both.knownUntil > now;
  const until = Math.max(both.blockedUntil, isKnown ? 0 : account.blockedUntil);
  if (now < until) return { kind: "wait", until };
  await storeFailure(state, keys.both, { tries: both, rule: TRY_RULES.both, now });
  await storeFailure(state, keys.account, { tries: account, rule: TRY_RULES.account, now });
  await storeFailure(state, keys.source, { tries: source, rule: TRY_RULES.source, now });
  return { kind: "go-on", slowedNow: account.failures === TRY_RULES.account.free };
}

/** Takes back what {@link countTry} counted: the account begins anew, its source is known from now on. */
export async function noteSuccess(
  tx: Transaction,
  ports: StatePorts,
  { attempt, now }: { readonly attempt: Attempt; readonly now: number },
): Promise<void> {
  const keys = await keysOf(tx, ports.keyring, attempt);
  const state = proofsOf(tx, ports);
  // Only this try, else an account of one's own would be a way to try others without end.
  const { failures } = await state.lockTries(keys.source, now);
  await state.changeTries(keys.source, { failures: Math.max(0, failures - 1), blockedUntil: 0 });
  await state.changeTries(keys.both, { ...NO_FAILURES, knownUntil: now + KNOWN_SOURCE_MS });
  await state.changeTries(keys.account, NO_FAILURES);
}

/** Lets an account begin anew: its owner has just proved who they are. */
export async function forgetAccountTries(
  tx: Transaction,
  ports: StatePorts,
  name: string,
): Promise<void> {
  const key = accountKey(ports.keyring, await foldName(tx, name));
  await proofsOf(tx, ports).changeTries(key, NO_FAILURES);
}

/** Names a source in the audit log: which failures came from one place, not from which. */
export function sourceTag(keyring: Keyring, source: string): Bytes {
  return sourceKey(keyring, networkOf(source)).slice(0, 8);
}

async function keysOf(tx: Transaction, keyring: Keyring, { name, source }: Attempt) {
  const network = networkOf(source);
  const folded = await foldName(tx, name);
  return {
    both: keyring.blindIndex("staff-tries", `both:${network} ${folded}`),
    account: accountKey(keyring, folded),
    source: sourceKey(keyring, network),
  };
}

function sourceKey(keyring: Keyring, network: string): Bytes {
  return keyring.blindIndex("staff-tries", `source:${network}`);
}

function accountKey(keyring: Keyring, foldedName: string): Bytes {
  return keyring.blindIndex("staff-tries", `account:${foldedName}`);
}

async function storeFailure(
  state: ProofState,
  key: Bytes,
  { tries, rule, now }: { readonly tries: Tries; readonly rule: TryRule; readonly now: number },
): Promise<void> {
  const failures = (now - tries.lastAt >= rule.forgetMs ? 0 : tries.failures) + 1;
  const blockedUntil = now + delayAfter(failures, rule);
  await state.changeTries(key, { failures, blockedUntil, lastAt: now });
}
