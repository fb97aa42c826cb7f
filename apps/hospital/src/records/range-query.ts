import type { SampleRun } from "@siphms/api";
import { describeDecided } from "./describe-decided.ts";
import { cutRun, eachSample } from "./opened-run.ts";
import { readBatches, type BatchRange, type BatchSource, type FoundRun } from "./read-batches.ts";

/** What of a patient's readings is wanted. */
export interface RangeQuery extends BatchRange {
  /** Most samples of the answer, but for those of one instant. */
  readonly limit: number;
}

/** Samples in order of their runs' beginnings, and where to go on when a limit cut them short. */
export interface RangeAnswer {
  readonly runs: readonly SampleRun[];
  /** Every sample before it is in the answer. */
  readonly next?: number;
}

/** Messages opened for one answer: no limit of samples keeps a patient with one sample in each from asking for all of them. */
const MAX_OPENED = 5000;

/**
 * Reads a patient's samples in a range of time.
 *
 * Stops as soon as no later message can hold an earlier sample than the limits allow: a long range costs no more than
 * the answer.
 */
export async function readRange(source: BatchSource, query: RangeQuery): Promise<RangeAnswer> {
  const found: FoundRun[] = [];
  let [samples, opened] = [0, 0];
  for await (const { runs, opened: more, settledUntil } of readBatches(source, query)) {
    found.push(...runs);
    samples = runs.reduce((sum, { run }) => sum + run.values.length, samples);
    opened += more;
    const next = samples > query.limit ? endAt(found, query.limit) : Number.POSITIVE_INFINITY;
    if (Number.isFinite(next) && next <= settledUntil) return answer(found, next, source);
    // Where nothing is settled yet, it goes on: every answer comes further than its question.
    if (opened >= MAX_OPENED && settledUntil > query.from)
      return answer(found, settledUntil, source);
  }
  return answer(found, Number.POSITIVE_INFINITY, source);
}

/**
 * The time at which so many samples end. Samples of one instant are never torn apart, so that going on from there neither
 * repeats nor loses one.
 */
function endAt(found: readonly FoundRun[], limit: number): number {
  const times: number[] = [];
  for (const { run } of found) eachSample(run, (at) => times.push(at));
  const sorted = Float64Array.from(times).sort();
  const beyond = sorted[limit] ?? Number.POSITIVE_INFINITY;
  return sorted[0] === beyond ? beyond + 1 : beyond;
}

async function answer(
  found: readonly FoundRun[],
  next: number,
  { decisions }: BatchSource,
): Promise<RangeAnswer> {
  const isAll = next === Number.POSITIVE_INFINITY;
  const shown = (isAll ? found : found.flatMap((one) => cutFound(one, next) ?? [])).toSorted(
    (a, b) => a.run.start - b.run.start || a.run.kind - b.run.kind,
  );
  const runs: SampleRun[] = [];
  for (const { message, run } of shown) {
    runs.push(await describeDecided(run, message, decisions));
  }
  return isAll ? { runs } : { runs, next };
}

function cutFound({ message, run }: FoundRun, next: number): FoundRun | undefined {
  const shown = cutRun(run, 0, next);
  return shown === undefined ? undefined : { message, run: shown };
}
