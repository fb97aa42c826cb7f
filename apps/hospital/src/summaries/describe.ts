import type { SummarySeries } from "@siphms/api";
import { kindByName, kindInfo, toClinical, type Kind } from "@siphms/vitals";
import type { Summaries } from "./stored-summaries.ts";
import type { Tally } from "./tally.ts";

const PART_NAMES = ["systolic", "diastolic", "mean"] as const;
const PRESSURE = 2;

/**
 * Puts summaries into the columns that interfaces show, in clinical units, by kind and part and in order of time.
 *
 * @param kinds - Names of the wanted ones; all when left out.
 */
export function describeSummaries(
  periods: Summaries,
  kinds: readonly string[] | undefined,
): SummarySeries[] {
  const wanted = kinds && new Set(kinds.map((name) => kindByName(name)?.kind));
  const all = new Map<number, SummarySeries>();
  for (const [start, tallies] of [...periods].sort(([a], [b]) => a - b)) {
    for (const [key, tally] of tallies) {
      if (wanted?.has(tally.kind) === false) continue;
      const series = all.get(key) ?? emptySeries(tally);
      addPeriod(series, start, tally);
      all.set(key, series);
    }
  }
  return [...all].sort(([a], [b]) => a - b).map(([, series]) => series);
}

function emptySeries({ kind, part }: Tally): SummarySeries {
  const { name, unit } = kindInfo(kind);
  return {
    kind: name,
    ...(kind === PRESSURE ? { part: PART_NAMES[part] } : {}),
    unit,
    start: [],
    count: [],
    min: [],
    max: [],
    mean: [],
    first: [],
    firstAt: [],
    last: [],
    lastAt: [],
    late: [],
    quarantined: [],
  };
}

function addPeriod(series: SummarySeries, start: number, tally: Tally): void {
  const { count, late, ...values } = describeValues(tally);
  series.start.push(start);
  series.count.push(count);
  series.min.push(values.min);
  series.max.push(values.max);
  series.mean.push(values.mean);
  series.first.push(values.first);
  series.firstAt.push(values.firstAt);
  series.last.push(values.last);
  series.lastAt.push(values.lastAt);
  series.late.push(late);
  series.quarantined.push(tally.quarantined);
}

const NOTHING = {
  ...{ count: 0, late: 0, min: null, max: null, mean: null },
  ...{ first: null, firstAt: null, last: null, lastAt: null },
};

function describeValues({ kind, values }: Tally) {
  if (values === undefined) return NOTHING;
  return {
    ...values,
    min: inUnits(kind, values.min),
    max: inUnits(kind, values.max),
    mean: meanOf(kind, values),
    first: inUnits(kind, values.first),
    last: inUnits(kind, values.last),
  };
}

/** A level of consciousness is a code: there is nothing between two of them. */
function meanOf(kind: Kind, { sum, count }: { readonly sum: number; readonly count: number }) {
  if (kindInfo(kind).ucum === undefined) return null;
  return Math.round(inUnits(kind, sum / count) * 1000) / 1000;
}

/** One number of a pressure is in mmHg on the wire already. */
function inUnits(kind: Kind, wire: number): number {
  const converted = kind === PRESSURE ? wire : toClinical(kind, wire);
  return typeof converted === "number" ? converted : Number.NaN;
}
