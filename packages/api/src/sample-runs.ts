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

/**
 * Puts samples together into runs, as few as there can be of samples that stand beside each other: what {@link samplesOfRuns}
 * takes apart again. A minute of one a second is a line in place of sixty.
 */
export function runsOfSamples(samples: readonly ApiSample[]): SampleRun[] {
  const runs: { readonly first: ApiSample; readonly all: ApiSample[] }[] = [];
  for (const sample of samples) {
    const run = runs.at(-1);
    if (run !== undefined && goesOn(run.first, run.all.at(-1), sample)) run.all.push(sample);
    else runs.push({ first: sample, all: [sample] });
  }
  return runs.map(({ first, all }) => {
    const { at, value, ...shared } = first;
    const values = [value, ...all.slice(1).map((sample) => sample.value)];
    return { ...shared, start: at, step: stepOf(all), values };
  });
}

/** Times must not fall: a run has steps forward only. */
function goesOn(first: ApiSample, last: ApiSample | undefined, next: ApiSample): boolean {
  return (
    next.kind === first.kind &&
    next.origin === first.origin &&
    next.state === first.state &&
    next.reason === first.reason &&
    next.decision === first.decision &&
    next.messageId === first.messageId &&
    next.device === first.device &&
    next.unit === first.unit &&
    next.at >= (last?.at ?? next.at)
  );
}

function stepOf(samples: readonly ApiSample[]): SampleRun["step"] {
  const steps = samples.slice(1).map(({ at }, index) => at - (samples[index]?.at ?? at));
  const [step = 0] = steps;
  return steps.every((one) => one === step) ? step : steps;
}

function byTime(a: ApiSample, b: ApiSample): number {
  return a.at - b.at || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);
}
