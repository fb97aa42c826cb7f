import type { DemoClock } from "@siphms/api";
import type { Series } from "@siphms/messages";
import type { Origin } from "@siphms/vitals";

import { sampleTime } from "./clinical-clock.ts";
import type { RecordedSample } from "./recordings/recording.ts";
import { groupBy } from "./recordings/table.ts";

/** Puts the samples of one batch into series, one for each vital sign. */
export function seriesOf(
  samples: readonly RecordedSample[],
  clock: DemoClock,
  origin: Origin,
): readonly Series[] {
  const kinds = groupBy(samples, (sample) => sample.kind);
  return [...kinds].map(([kind, ofKind]): Series => {
    const times = ofKind.map((sample) => sampleTime(sample.offsetMs, clock));
    const values = ofKind.map((sample) => sample.value);
    return { kind, start: times[0] ?? 0, ...spacing(times), values, origin };
  });
}

/** One step where all samples are equally far apart, else the distance of each from the one before. */
function spacing(times: readonly number[]): { step: number } | { deltas: readonly number[] } {
  const deltas = times.map((at, index) => at - (times[index - 1] ?? at));
  const [, step = 0] = deltas;
  const even = times.length === 1 || (step > 0 && deltas.slice(1).every((delta) => delta === step));
  return even ? { step } : { deltas };
}
