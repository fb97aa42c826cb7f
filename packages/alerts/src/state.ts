import type { KindName } from "@siphms/vitals";
import type { AlertChange, News2, RuleKey } from "./alert.ts";
import type { Level } from "./plan.ts";
import type { Point, Quantity } from "./quantity.ts";

/** A limit that was passed: waiting for a second value or for its time, or told at a level. */
export type LimitState = { readonly level: Level } | ({ readonly level: "waiting" } & Point);

/** What a change is measured against: the points that one within the time may start from, the newest last. */
export interface ChangeState {
  readonly points: readonly Point[];
  readonly isRaised: boolean;
}

/** An alert of NEWS2. `told` goes down with full scores alone; `now` also with partial ones, so that a new rise is told. */
export interface News2State {
  readonly told: Level;
  readonly now: Level | null;
  /** Since when the score asks for less than `now`; null while it does not. */
  readonly lowerSince: number | null;
  /** Total and missing parameters as they were told last. */
  readonly shown: string;
}

/** What must be remembered of a patient between evaluations: plain JSON, made and read by this package alone. */
export interface PatientState {
  readonly format: 1;
  /** The clinical time up to which time has been taken in, ms. */
  readonly at: number;
  /** The newest value of each number that came in time. */
  readonly latest: Readonly<Partial<Record<Quantity, Point>>>;
  /** When each kind was last measured, whether or not the value came in time. */
  readonly measured: Readonly<Partial<Record<KindName, number>>>;
  readonly limits: Readonly<Record<RuleKey, LimitState>>;
  readonly changes: Readonly<Record<RuleKey, ChangeState>>;
  readonly news2: News2State | null;
  /** Kinds that are told to be missing, and since when. */
  readonly noData: Readonly<Partial<Record<KindName, number>>>;
  readonly contactAt: number | null;
  readonly silentSince: number | null;
  /** How many messages are told to be missing. */
  readonly missing: number;
  /** Sensors whose charge is told to be low, and when each said so last. */
  readonly batteries: Readonly<Record<string, Point>>;
}

/** The state of a patient of whom nothing is known yet. */
export const EMPTY_STATE: PatientState = {
  format: 1,
  at: 0,
  latest: {},
  measured: {},
  limits: {},
  changes: {},
  news2: null,
  noData: {},
  contactAt: null,
  silentSince: null,
  missing: 0,
  batteries: {},
};

/**
 * Takes back a state that was kept as JSON by whoever made it.
 *
 * @throws {TypeError} for one of another format than this release's.
 */
export function readState(value: unknown): PatientState {
  if (!isState(value)) throw new TypeError("a state of another format than this release's");
  return value;
}

/** What was kept is this package's own, so its format says the rest. */
function isState(value: unknown): value is PatientState {
  return typeof value === "object" && value !== null && "format" in value && value.format === 1;
}

/** A state while it is worked on, with what was found; the one that it was made from stays as it is. */
export interface Draft {
  readonly now: number;
  at: number;
  readonly latest: Partial<Record<Quantity, Point>>;
  measured: Partial<Record<KindName, number>>;
  readonly limits: Map<RuleKey, LimitState>;
  readonly changeStates: Map<RuleKey, ChangeState>;
  news2: News2State | null;
  readonly noData: Map<KindName, number>;
  contactAt: number | null;
  silentSince: number | null;
  missing: number;
  readonly batteries: Map<string, Point>;
  readonly changes: AlertChange[];
  /** NEWS2 of the values that stand, and the time from which on it is another; absent while it is to be scored anew. */
  standing: { readonly score: News2 | null; readonly until: number } | undefined;
}

/** A clock that goes back by no more than this was put right: time stands still for so long. */
const STEP_BACK_MS = 5 * 60_000;

/** Begins to work on a state. */
export function openDraft(kept: PatientState, now: number): Draft {
  const state = kept.at - now > STEP_BACK_MS ? rewind(kept, now) : kept;
  const { at, latest, measured, news2, contactAt, silentSince, missing } = state;
  return {
    now: Math.max(now, at),
    at,
    latest: { ...latest },
    measured: { ...measured },
    limits: mapOf<RuleKey, LimitState>(state.limits),
    changeStates: mapOf(state.changes),
    news2,
    noData: mapOf(state.noData),
    contactAt,
    silentSince,
    missing,
    batteries: mapOf(state.batteries),
    changes: [],
    standing: undefined,
  };
}

/**
 * A state that was made while the clock was far ahead, brought back: nothing in it is of later than now.
 *
 * Without that a patient would stay as they were until the true time has caught up, and nobody would watch.
 */
function rewind(state: PatientState, now: number): PatientState {
  const back = (at: number): number => Math.min(at, now);
  const point = <P extends Point>(one: P): P => ({ ...one, at: back(one.at) });
  const { news2, contactAt, silentSince } = state;
  return {
    ...state,
    at: now,
    latest: mapValues(state.latest, point),
    measured: mapValues(state.measured, back),
    limits: mapValues<RuleKey, LimitState>(state.limits, (one) =>
      one.level === "waiting" ? point(one) : one,
    ),
    changes: mapValues(state.changes, (one) => ({ ...one, points: one.points.map(point) })),
    news2: news2 && { ...news2, lowerSince: news2.lowerSince && back(news2.lowerSince) },
    noData: mapValues(state.noData, back),
    contactAt: contactAt === null ? null : back(contactAt),
    silentSince: silentSince === null ? null : back(silentSince),
    batteries: mapValues(state.batteries, point),
  };
}

function mapValues<K extends string, V>(
  record: Readonly<Partial<Record<K, V>>>,
  change: (value: V) => V,
): Record<K, V> {
  const changed = [...mapOf(record)].map(([key, value]) => [key, change(value)] as const);
  return Object.fromEntries(changed) as Record<K, V>;
}

/** The state that a draft has come to. */
export function closeDraft(draft: Draft): PatientState {
  const { latest, measured, news2, contactAt, silentSince, missing, now } = draft;
  return {
    format: 1,
    at: now,
    latest,
    measured,
    limits: Object.fromEntries(draft.limits),
    changes: Object.fromEntries(draft.changeStates),
    news2,
    noData: Object.fromEntries(draft.noData),
    contactAt,
    silentSince,
    missing,
    batteries: Object.fromEntries(draft.batteries),
  };
}

function mapOf<K extends string, V>(record: Readonly<Partial<Record<K, V>>>): Map<K, V> {
  const map = new Map<K, V>();
  for (const key in record) {
    const value = record[key];
    if (value !== undefined) map.set(key, value);
  }
  return map;
}

/** Notes what became of a rule. Of values that only bring an alert up to date, the newest is kept. */
export function note(draft: Draft, change: AlertChange): void {
  const { changes } = draft;
  if (change.change === "updated") {
    const index = changes.findLastIndex(({ rule }) => rule === change.rule);
    if (changes[index]?.change === "updated") {
      changes[index] = change;
      return;
    }
  }
  changes.push(change);
}
