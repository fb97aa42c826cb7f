import type { News2, News2Parameter } from "./alert.ts";
import type { Point } from "./quantity.ts";

/** The seven parameters in the chart's order. */
export const NEWS2_PARAMETERS: readonly News2Parameter[] = [
  "respiration",
  "spo2",
  "oxygen",
  "systolic",
  "pulse",
  "consciousness",
  "temperature",
];

/**
 * What NEWS2 is scored on, as far as it was measured. Consciousness: 0 for alert, else 1 to 4 (C, V, P, U). Oxygen: litres a
 * minute, 0 for room air. What is absent is absent: neither "alert" nor "air" is presumed.
 */
export type News2Values = Readonly<Partial<Record<News2Parameter, Point | undefined>>>;

/** What one parameter scores, from the least value that has the score on. */
type Steps = readonly (readonly [from: number, score: number])[];

const RESPIRATION: Steps = [
  [25, 3],
  [21, 2],
  [12, 0],
  [9, 1],
  [-Infinity, 3],
];
const SPO2_SCALE_1: Steps = [
  [96, 0],
  [94, 1],
  [92, 2],
  [-Infinity, 3],
];
const SPO2_SCALE_2: Steps = [
  [88, 0],
  [86, 1],
  [84, 2],
  [-Infinity, 3],
];
const SPO2_SCALE_2_ON_OXYGEN: Steps = [[97, 3], [95, 2], [93, 1], ...SPO2_SCALE_2];
const SYSTOLIC: Steps = [
  [220, 3],
  [111, 0],
  [101, 1],
  [91, 2],
  [-Infinity, 3],
];
const PULSE: Steps = [
  [131, 3],
  [111, 2],
  [91, 1],
  [51, 0],
  [41, 1],
  [-Infinity, 3],
];
/** In tenths of a degree. */
const TEMPERATURE: Steps = [
  [391, 2],
  [381, 1],
  [361, 0],
  [351, 1],
  [-Infinity, 3],
];

/**
 * Scores NEWS2: each parameter's share, their sum and, with all seven, the band.
 *
 * Values are rounded before they are scored, halves up: the temperature to tenths, the others to whole numbers. With
 * parameters missing the total is a lower bound and there is no band. On scale 2 an SpO2 above the target range counts as
 * missing while it is not known whether oxygen is given: the chart has two answers.
 *
 * @returns `null` when no parameter has a value.
 * @see Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017.
 */
export function scoreNews2(values: News2Values, spo2Scale: 1 | 2): News2 | null {
  const subScores: Partial<Record<News2Parameter, number>> = {};
  const missing: News2Parameter[] = [];
  let total = 0;
  let hasThree = false;
  let oldestAt = Infinity;
  for (const parameter of NEWS2_PARAMETERS) {
    const point = values[parameter];
    const score =
      point === undefined ? undefined : subScoreOf(parameter, point.value, { values, spo2Scale });
    if (point === undefined || score === undefined) {
      missing.push(parameter);
      continue;
    }
    subScores[parameter] = score;
    total += score;
    hasThree ||= score === 3;
    oldestAt = Math.min(oldestAt, point.at);
  }
  if (missing.length === NEWS2_PARAMETERS.length) return null;
  const band = missing.length > 0 ? null : bandOf(total, hasThree);
  return { total, subScores, missing, band, spo2Scale, oldestAt };
}

/** The clinical risk that the chart names for a total of all seven parameters. */
export function bandOf(total: number, hasThree: boolean): NonNullable<News2["band"]> {
  if (total >= 7) return "high";
  if (total >= 5) return "medium";
  return hasThree ? "low-medium" : "low";
}

interface Around {
  readonly values: News2Values;
  readonly spo2Scale: 1 | 2;
}

function subScoreOf(
  parameter: News2Parameter,
  value: number,
  { values, spo2Scale }: Around,
): number | undefined {
  switch (parameter) {
    case "respiration":
      return scoreOf(RESPIRATION, whole(value));
    case "spo2":
      return spo2Scale === 1
        ? scoreOf(SPO2_SCALE_1, whole(value))
        : spo2OnScale2(whole(value), values.oxygen);
    case "oxygen":
      return value > 0 ? 2 : 0;
    case "systolic":
      return scoreOf(SYSTOLIC, whole(value));
    case "pulse":
      return scoreOf(PULSE, whole(value));
    case "consciousness":
      return value > 0 ? 3 : 0;
    case "temperature":
      return scoreOf(TEMPERATURE, whole(value * 10));
  }
}

function spo2OnScale2(saturation: number, oxygen: Point | undefined): number | undefined {
  if (saturation < 93) return scoreOf(SPO2_SCALE_2, saturation);
  if (oxygen === undefined) return undefined;
  return scoreOf(oxygen.value > 0 ? SPO2_SCALE_2_ON_OXYGEN : SPO2_SCALE_2, saturation);
}

function scoreOf(steps: Steps, value: number): number {
  for (const [from, score] of steps) if (value >= from) return score;
  throw new RangeError("value: not a number");
}

/** What multiplying decimals loses: 38.05 × 10 is 380.49999999999994 in some orders, and counts as 380.5. */
const NOISE = 1e-9;

/** Rounds halves up. */
function whole(value: number): number {
  return Math.floor(value + 0.5 + NOISE);
}
