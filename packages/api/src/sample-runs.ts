import type { ApiSample, SampleRun } from "./readings.ts";

/**
 * Takes runs apart into samples, in time order.
 *
 * @throws {RangeError} when a run has not as many steps as it needs.
 */
export function samplesOfRuns(runs: readonly SampleRun[]): ApiSample[] {
  const samples: ApiSample[] = [];
  for (const { start, step, values, ...shared } of runs) {
    if (typeof step !== "number" && step.length !== values.length - 1) {
      throw new RangeError("step: not one for each sample but the first");
    }
    let at = start;
    for (const [index, value] of values.entries()) {
      if (index > 0) at += typeof step === "number" ? step : (step[index - 1] ?? 0);
      samples.push({ ...shared, at, value });
    }
  }
  return samples.sort(byTime);
}

function byTime(a: ApiSample, b: ApiSample): number {
  return a.at - b.at || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);
}
