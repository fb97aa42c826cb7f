import type { ApiValue, SampleRun } from "@siphms/api";
import { samples, type Series } from "@siphms/messages";
import {
  judge,
  kindInfo,
  originName,
  toClinical,
  type Kind,
  type Origin,
  type WireValue,
} from "@siphms/vitals";
import { isLate } from "../ingest/index.ts";
import type { DecisionRow } from "./decision-rows.ts";

interface Stretch {
  readonly kind: Kind;
  readonly origin: Origin;
  /** Time of the first sample, ms. */
  readonly start: number;
  /** ms from each sample to the next: one number where it is always the same, else one for each sample but the first. */
  readonly step: number | readonly number[];
  /** Wire units. At least one. */
  readonly values: readonly WireValue[];
}

interface Fate {
  readonly state: "stored" | "late" | "quarantined";
  /** Of the quarantine, also where a doctor has ended it. */
  readonly reason?: string;
  /** What a doctor decided about it. */
  readonly decision?: DecisionRow;
}

/** Samples of one series that follow each other and had the same fate. Their times never fall. */
export interface OpenedRun extends Stretch, Fate {}

/** Why a sample of a series stands in quarantine, by its index; `undefined` where it does not. */
export type Quarantine = (sample: number) => string | undefined;

interface Judged {
  /** Clinical time of receipt, where some samples of the message were late. */
  readonly lateAgainst: number | undefined;
  /** Absent where no sample of the series stands in quarantine. */
  readonly quarantine: Quarantine | undefined;
  /** Where something was decided about the message. */
  readonly decided?: {
    readonly decide: (reason: string) => DecisionRow | undefined;
    /** Clinical time of receipt: which of the released ones were late nobody noted then. */
    readonly lateAgainst: number;
  };
}

/** Divides a series by what became of its samples: nearly always into one run. */
export function runsOf(series: Series, judged: Judged): readonly OpenedRun[] {
  const { kind, origin, start, values } = series;
  const step = series.step ?? series.deltas?.slice(1) ?? 0;
  const whole: Stretch = { kind, origin, start, step, values };
  const shared = sharedFate(whole, judged);
  if (shared !== undefined) return [createRun(whole, shared)];
  const fates = [...samples(series)].map(({ index, at }) => fateOf(index, at, judged));
  const runs: OpenedRun[] = [];
  let first = 0;
  for (const [index, fate] of fates.entries()) {
    const next = fates[index + 1];
    if (next?.state === fate.state && next.reason === fate.reason) continue;
    runs.push(createRun(part(whole, first, index + 1), fate));
    first = index + 1;
  }
  return runs;
}

/** The samples of a run with `from ≤ time < to`; `undefined` where there are none. */
export function cutRun(run: OpenedRun, from: number, to: number): OpenedRun | undefined {
  const first = countBefore(run, from);
  const end = countBefore(run, to);
  if (first >= end) return undefined;
  return end - first === run.values.length ? run : { ...run, ...part(run, first, end) };
}

/** Calls back for each sample, in order. */
export function eachSample(run: Stretch, take: (at: number, value: WireValue) => void): void {
  const { step, values } = run;
  let at = run.start;
  let index = 0;
  for (const value of values) {
    take(at, value);
    at += typeof step === "number" ? step : (step[index] ?? 0);
    index += 1;
  }
}

/** A run as interfaces show it, with the message that it came in and what was decided about it. */
export function describeRun(
  run: OpenedRun,
  message: Pick<SampleRun, "decision" | "device" | "messageId">,
): SampleRun {
  const { kind, origin, state, reason, start, step, values } = run;
  const { name, unit } = kindInfo(kind);
  return {
    kind: name,
    unit,
    origin: originName(origin),
    state,
    ...(reason === undefined ? {} : { reason }),
    ...message,
    start,
    step: typeof step === "number" ? step : [...step],
    values: clinical(kind, values),
  };
}

/** What became of every sample of a stretch, where that can be told from its ends. */
function sharedFate(stretch: Stretch, { lateAgainst, quarantine }: Judged): Fate | undefined {
  if (quarantine !== undefined) return undefined;
  if (lateAgainst === undefined || !isLate(stretch.start, lateAgainst)) return { state: "stored" };
  // Times do not fall, so lateness only ends.
  return isLate(lastTime(stretch), lateAgainst) ? { state: "late" } : undefined;
}

function fateOf(index: number, at: number, { lateAgainst, quarantine, decided }: Judged): Fate {
  const reason = quarantine?.(index);
  if (reason !== undefined) {
    const decision = decided?.decide(reason);
    if (decided === undefined || decision === undefined) return { state: "quarantined", reason };
    if (decision.kind === "rejected") return { state: "quarantined", reason, decision };
    return { state: isLate(at, decided.lateAgainst) ? "late" : "stored", reason, decision };
  }
  return { state: lateAgainst !== undefined && isLate(at, lateAgainst) ? "late" : "stored" };
}

/** A computed mean outside its pressures is not shown; it stays in the signed bytes. What was released is shown as stored. */
function createRun(stretch: Stretch, fate: Fate): OpenedRun {
  const { kind, values } = stretch;
  if (kind !== 2 || fate.reason !== undefined) return { ...stretch, ...fate };
  return { ...stretch, ...fate, values: values.map(withoutBadMean) };
}

function withoutBadMean(value: WireValue): WireValue {
  const judgement = judge(2, value);
  return judgement.verdict === "mean-dropped" ? judgement.value : value;
}

function part(stretch: Stretch, first: number, end: number): Stretch {
  const { kind, origin, start, step, values } = stretch;
  const isRegular = typeof step === "number";
  return {
    kind,
    origin,
    start: isRegular ? start + step * first : sum(step.slice(0, first), start),
    step: isRegular ? step : step.slice(first, end - 1),
    values: values.slice(first, end),
  };
}

/** How many samples lie before a time. */
function countBefore({ start, step, values }: Stretch, time: number): number {
  if (time <= start) return 0;
  if (typeof step === "number") {
    return step === 0 ? values.length : Math.min(Math.ceil((time - start) / step), values.length);
  }
  let at = start;
  const index = step.findIndex((ms) => (at += ms) >= time);
  return index === -1 ? values.length : index + 1;
}

function lastTime({ start, step, values }: Stretch): number {
  return typeof step === "number" ? start + step * (values.length - 1) : sum(step, start);
}

function sum(numbers: readonly number[], from: number): number {
  return numbers.reduce((total, one) => total + one, from);
}

function clinical(kind: Kind, values: readonly WireValue[]): ApiValue[] {
  // Most kinds are sent in their clinical unit, and a day holds a hundred thousand values.
  if (kindInfo(kind).scale === 1 && areNumbers(values)) return values.slice();
  return values.map((value) => {
    const converted = toClinical(kind, value);
    return typeof converted === "number" ? converted : [...converted];
  });
}

function areNumbers(values: readonly WireValue[]): values is readonly number[] {
  return values.every((value) => typeof value === "number");
}
