import type { Series } from "@siphms/messages";
import type { IntendedSample } from "./history.ts";

/** Each reading of a device has so many ms of time for itself, so that no two samples of it share kind and time. */
const SLOT_MS = 16;
const STEP_MS = 3;
const MAX_VALUES = 4;

/** A reading as the engine takes it, and as a checker looks for it. */
export interface Reading {
  readonly series: readonly Series[];
  readonly samples: readonly IntendedSample[];
}

/**
 * The reading of that number: always the same for a seed, so that a device which was killed takes it up again as a
 * sensor's memory would give it.
 *
 * Every ninth or so holds one heart rate of 0, which the hospital has to put into quarantine.
 *
 * @param begin - ms; the time of reading 0.
 */
export function readingOf(
  number: number,
  source: { readonly seed: number; readonly begin: number },
): Reading {
  const random = mix(source.seed, number);
  const start = source.begin + number * SLOT_MS;
  const series: Series[] = [heartRate(random, start)];
  if (random(10) < 5) series.push(respiration(random, start));
  if (random(10) < 3) series.push(pressure(random, start));
  return { series, samples: series.flatMap(samplesOf) };
}

type Random = (below: number) => number;

function heartRate(random: Random, start: number): Series {
  const values = Array.from({ length: 1 + random(MAX_VALUES) }, () => 50 + random(90));
  if (random(9) === 0) values[random(values.length)] = 0;
  return {
    kind: 1,
    start,
    deltas: values.map((_, index) => (index === 0 ? 0 : STEP_MS)),
    values,
    origin: 0,
  };
}

function respiration(random: Random, start: number): Series {
  const values = Array.from({ length: 2 + random(MAX_VALUES - 1) }, () => 8 + random(24));
  return { kind: 4, start, step: STEP_MS, values, origin: 0 };
}

function pressure(random: Random, start: number): Series {
  return {
    kind: 2,
    start,
    step: 0,
    values: [[110 + random(60), 60 + random(30), null]],
    origin: 1,
  };
}

const NAMES: Readonly<Record<number, string>> = {
  1: "heart-rate",
  2: "blood-pressure",
  4: "respiratory-rate",
};

function samplesOf({ kind, start, values }: Series): readonly IntendedSample[] {
  return values.map((value, index) => ({
    kind: NAMES[kind]!,
    at: start + index * STEP_MS,
    value,
    ...(kind === 1 && value === 0 ? { quarantine: "no-signal" } : {}),
  }));
}

/** Numbers that follow from a seed and a count alone (the mixing of xorshift multiplications, as in murmur3). */
function mix(seed: number, count: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(count + 1, 0xc2b2ae35);
  return (below) => {
    state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
    state = Math.imul(state ^ (state >>> 15), 0x846ca68b) + 0x6d2b79f5;
    return ((state ^ (state >>> 16)) >>> 0) % below;
  };
}
