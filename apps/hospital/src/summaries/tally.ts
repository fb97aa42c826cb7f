import type { Kind } from "@siphms/vitals";
import { eachSample, type OpenedRun } from "../records/index.ts";

/** Hours of UTC; every day of UTC is 24 of them. */
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Which number of a value: 0, or of a blood pressure 0 systolic, 1 diastolic, 2 mean. */
export type Part = 0 | 1 | 2;

/** Good values of one kind and part in one period, in wire units. */
export interface Values {
  readonly count: number;
  /** Of those, the ones that came late. */
  readonly late: number;
  readonly min: number;
  readonly max: number;
  /** Exact: plausible values are integers below 2^16, so it stays far below 2^53 whatever a device sends. */
  readonly sum: number;
  /** The earliest; of several at one instant the lowest. */
  readonly firstAt: number;
  readonly first: number;
  /** The latest; of several at one instant the highest. */
  readonly lastAt: number;
  readonly last: number;
}

/** What one period holds of one kind and part. */
export interface Tally {
  readonly kind: Kind;
  readonly part: Part;
  /** Samples in quarantine. They count nowhere else. */
  readonly quarantined: number;
  /** Absent where every sample stands in quarantine. */
  readonly values?: Values;
}

/** What one period holds: one tally for each kind and part, under a number that sorts as kinds and parts do. */
export type Tallies = ReadonlyMap<number, Tally>;

const PARTS: readonly Part[] = [0, 1, 2];
const ONE_PART: readonly Part[] = [0];

/** Joins what parts of one period hold. The order and the division into parts make no difference. */
export function joinTallies(...all: readonly Iterable<Tally>[]): Tallies {
  const joined = new Map<number, Tally>();
  for (const tallies of all) for (const tally of tallies) addTally(joined, tally);
  return joined;
}

/** Adds a run's samples to the hours in which they were measured; keys are the beginnings of hours, ms. */
export function addRun(hours: Map<number, Map<number, Tally>>, run: OpenedRun): void {
  for (const part of run.kind === 2 ? PARTS : ONE_PART) addPart(hours, run, part);
}

function addPart(hours: Map<number, Map<number, Tally>>, run: OpenedRun, part: Part): void {
  let hour = Number.NaN;
  let growing: Growing | undefined;
  const close = (): void => {
    if (growing === undefined) return;
    const tallies = hours.get(hour) ?? new Map<number, Tally>();
    addTally(tallies, tallyOf(run, part, growing));
    hours.set(hour, tallies);
  };
  eachSample(run, (at, value) => {
    const number = typeof value === "number" ? value : value[part];
    if (number === null) return;
    // Times do not fall, so an hour that is left does not come again.
    if (growing !== undefined && at < hour + HOUR_MS) {
      grow(growing, at, number);
      return;
    }
    close();
    hour = at - (at % HOUR_MS);
    growing = { count: 1, min: number, max: number, sum: number, ...ends(at, number) };
  });
  close();
}

type Growing = { -readonly [Name in Exclude<keyof Values, "late">]: number };

function ends(at: number, number: number) {
  return { firstAt: at, first: number, lastAt: at, last: number };
}

function grow(values: Growing, at: number, number: number): void {
  values.count += 1;
  values.sum += number;
  values.min = Math.min(values.min, number);
  values.max = Math.max(values.max, number);
  if (at === values.firstAt) values.first = Math.min(values.first, number);
  values.last = at === values.lastAt ? Math.max(values.last, number) : number;
  values.lastAt = at;
}

function tallyOf({ kind, state }: OpenedRun, part: Part, grown: Growing): Tally {
  if (state === "quarantined") return { kind, part, quarantined: grown.count };
  const values = { ...grown, late: state === "late" ? grown.count : 0 };
  return { kind, part, quarantined: 0, values };
}

function addTally(tallies: Map<number, Tally>, tally: Tally): void {
  const key = tally.kind * PARTS.length + tally.part;
  const known = tallies.get(key);
  tallies.set(key, known === undefined ? tally : joinTally(known, tally));
}

function joinTally(a: Tally, b: Tally): Tally {
  const values = joinValues(a.values, b.values);
  return {
    kind: a.kind,
    part: a.part,
    quarantined: a.quarantined + b.quarantined,
    ...(values === undefined ? {} : { values }),
  };
}

function joinValues(a: Values | undefined, b: Values | undefined): Values | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const isFirst = a.firstAt < b.firstAt || (a.firstAt === b.firstAt && a.first <= b.first);
  const isLast = a.lastAt > b.lastAt || (a.lastAt === b.lastAt && a.last >= b.last);
  const [{ firstAt, first }, { lastAt, last }] = [isFirst ? a : b, isLast ? a : b];
  return {
    count: a.count + b.count,
    late: a.late + b.late,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    ...{ firstAt, first, lastAt, last },
  };
}
