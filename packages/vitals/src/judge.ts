import type { Kind } from "./kinds.ts";
import type { PressureValue, WireValue } from "./values.ts";

/**
 * Why a sample is kept in quarantine, as receipts, counters and interfaces name it.
 *
 * - `out-of-range`: outside the hard range of its kind.
 * - `no-signal`: a heart, pulse or respiratory rate of 0, which sensors send when they measure nothing.
 * - `no-contact`: the sensor says that it had no contact with the skin.
 * - `pressure-order`: systolic and diastolic exchanged, equal or less than 5 mmHg apart.
 * - `unit`: a temperature that only makes sense in °F.
 * - `clock`: taken later than its message was created; found by the hospital, not here.
 * - `binding-pending`: the device is not yet confirmed; found by the hospital, not here.
 */
export type QuarantineReason =
  | "out-of-range"
  | "no-signal"
  | "no-contact"
  | "pressure-order"
  | "unit"
  | "clock"
  | "binding-pending";

/**
 * What became of one value. `mean-dropped` carries the pressure without its mean: the other numbers are good,
 * and the mean as sent remains in the signed bytes.
 */
export type Judgement =
  | { readonly verdict: "plausible" }
  | { readonly verdict: "implausible"; readonly reason: QuarantineReason }
  | { readonly verdict: "mean-dropped"; readonly value: PressureValue };

interface Range {
  readonly low: number;
  readonly high: number;
}

const PLAUSIBLE: Judgement = { verdict: "plausible" };

/** Hard ranges in wire units, inclusive: outside, a value is impossible or an artefact. Blood pressure has three. */
const RANGES: Readonly<Record<Exclude<Kind, 2>, Range>> = {
  1: { low: 20, high: 300 },
  3: { low: 500, high: 1000 },
  4: { low: 3, high: 70 },
  5: { low: 3000, high: 4300 },
  6: { low: 100, high: 10_000 },
  7: { low: 200, high: 40_000 },
  8: { low: 200, high: 3000 },
  9: { low: 0, high: 4 },
  10: { low: 0, high: 800 },
  11: { low: 20, high: 300 },
};
const SYSTOLIC: Range = { low: 40, high: 300 };
const DIASTOLIC: Range = { low: 20, high: 200 };
const MEAN: Range = { low: 25, high: 250 };
/** 86 to 110 read as °C: a thermometer that reports °F. In hundredths. */
const FAHRENHEIT: Range = { low: 8600, high: 11_000 };
/** Systolic and diastolic closer than this are one oscillation measured twice. mmHg. */
const LEAST_PULSE_PRESSURE = 5;

/**
 * Judges one value by the rules that need nothing but the value itself and its status bits.
 *
 * Nothing is decided here that needs other samples or knowledge of the patient. Deliberately **not** grounds for quarantine:
 * a step of more than 20 % between RR intervals (ectopic beat or artefact: the interval is kept and left out of heart rate
 * variability), a weight change of more than 10 % in a day (asked back), the adult's weight limit of 20 kg, an SpO2 without a
 * pulse (questionable), and a respiratory rate of 0 during an apnoea alarm. Who has that context applies those rules.
 * A mean pressure that does not lie between diastolic and systolic, or outside its own range, is dropped alone when another
 * number of the pressure stands: a bad computed mean is no reason to withhold a good measurement.
 *
 * @param value - In wire units and of the kind's form (`isWireValue`).
 * @param status - The sensor's status bits of this sample. Only those of kind 1 are read: the flags of the Bluetooth heart
 *   rate measurement, where 2 in bits 1 and 2 means that contact is detectable and absent.
 */
export function judge(kind: Kind, value: WireValue, status?: number): Judgement {
  if (kind === 2)
    return typeof value === "number" ? implausible("out-of-range") : judgePressure(value);
  if (typeof value !== "number") return implausible("out-of-range");
  if (kind === 1 && status !== undefined && saysNoContact(status)) return implausible("no-contact");
  if (value === 0 && isRate(kind)) return implausible("no-signal");
  if (isWithin(value, RANGES[kind])) return PLAUSIBLE;
  return implausible(kind === 5 && isWithin(value, FAHRENHEIT) ? "unit" : "out-of-range");
}

function judgePressure(value: PressureValue): Judgement {
  const [systolic, diastolic, mean] = value;
  if (!isAbsentOrWithin(systolic, SYSTOLIC) || !isAbsentOrWithin(diastolic, DIASTOLIC))
    return implausible("out-of-range");
  if (systolic !== null && diastolic !== null && systolic - diastolic < LEAST_PULSE_PRESSURE)
    return implausible("pressure-order");
  if (mean === null || meanStands(value)) return PLAUSIBLE;
  if (systolic === null && diastolic === null) return implausible("out-of-range");
  return { verdict: "mean-dropped", value: [systolic, diastolic, null] };
}

function meanStands([systolic, diastolic, mean]: PressureValue): boolean {
  if (mean === null || !isWithin(mean, MEAN)) return false;
  return (diastolic === null || diastolic <= mean) && (systolic === null || mean <= systolic);
}

function isAbsentOrWithin(value: number | null, range: Range): boolean {
  return value === null || isWithin(value, range);
}

function isRate(kind: Kind): boolean {
  return kind === 1 || kind === 4 || kind === 11;
}

function saysNoContact(status: number): boolean {
  return (Math.floor(status / 2) & 3) === 2;
}

function isWithin(value: number, range: Range): boolean {
  return value >= range.low && value <= range.high;
}

function implausible(reason: QuarantineReason): Judgement {
  return { verdict: "implausible", reason };
}
