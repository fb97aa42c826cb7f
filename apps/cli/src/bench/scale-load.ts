import type { BenchValue } from "./harness/bench-result.ts";
import { percentile, rounded } from "./harness/statistics.ts";
import { NO_STATUS } from "./load/http-lane.ts";
import type { LoadReport } from "./load/load-run.ts";

/** What a stretch of an open loop came to. */
export interface Stretch {
  /** Receipts a second that arrived within the stretch. */
  readonly achievedPerSecond: number;
  /** Of answers with a receipt, from the time when the request was due; null where there was none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** How many requests ended how: statuses, `lost` connections, `timeout`. */
  readonly answers: Readonly<Record<string, number>>;
}

/**
 * Describes what became of the requests that were due between two times.
 *
 * @param fromMs - Since the beginning of the run; `toMs` is not included.
 */
export function describeStretch(report: LoadReport, fromMs: number, toMs: number): Stretch {
  const { intendedMs, doneMs, status } = report;
  const latencies: number[] = [];
  const answers: Record<string, number> = {};
  let arrived = 0;
  for (const [index, intended] of intendedMs.entries()) {
    const done = doneMs[index] ?? NaN;
    const code = status[index] ?? NO_STATUS.lost;
    // Whenever it was sent: a backlog that is worked off is throughput too.
    if (code === 200 && done >= fromMs && done < toMs) arrived += 1;
    if (intended < fromMs || intended >= toMs) continue;
    const name = nameOf(code);
    answers[name] = (answers[name] ?? 0) + 1;
    if (code === 200) latencies.push(done - intended);
  }
  const at = (percent: number): number | null =>
    latencies.length === 0 ? null : rounded(percentile(latencies, percent));
  return {
    achievedPerSecond: rounded((arrived * 1_000) / (toMs - fromMs)),
    p50Ms: at(50),
    p99Ms: at(99),
    answers,
  };
}

/**
 * How long after the end of an overload receipts are as fast again as before it.
 *
 * The time after the overload is cut into windows by when requests were due. It is over with the first window from which on, to the end,
 * every window's median is at most twice the median before and nothing was refused.
 *
 * @returns ms to the beginning of that window; null if it did not come.
 */
export function recoveryMs(
  report: LoadReport,
  times: { readonly overloadFromMs: number; readonly overloadToMs: number; readonly endMs: number },
): number | null {
  const { overloadFromMs, overloadToMs, endMs } = times;
  const usual = describeStretch(report, 0, overloadFromMs).p50Ms;
  if (usual === null) return null;
  let recovered: number | null = null;
  for (let fromMs = overloadToMs; fromMs < endMs; fromMs += RECOVERY_WINDOW_MS) {
    const { p50Ms, answers } = describeStretch(report, fromMs, fromMs + RECOVERY_WINDOW_MS);
    const isUsual =
      p50Ms !== null && p50Ms <= 2 * usual && Object.keys(answers).every((name) => name === "200");
    if (!isUsual) recovered = null;
    else recovered ??= fromMs - overloadToMs;
  }
  return recovered;
}

/** The length of the windows of {@link recoveryMs}. */
export const RECOVERY_WINDOW_MS = 250;

/** A stretch as a result shows it. */
export function stretchValue(stretch: Stretch): Record<string, BenchValue> {
  return { ...stretch, answers: { ...stretch.answers } };
}

function nameOf(status: number): string {
  if (status === NO_STATUS.lost) return "lost";
  return status === NO_STATUS.timeout ? "timeout" : String(status);
}
