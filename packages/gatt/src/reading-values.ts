import { fromClinical, type Kind, type WireValue } from "@siphms/vitals";
import type { BloodPressureMeasurement } from "./blood-pressure.ts";
import type { GlucoseMeasurement } from "./glucose.ts";
import type { HeartRateMeasurement } from "./heart-rate.ts";
import { type MedicalFloat, type Special, toNumber } from "./medical-float.ts";
import { isPatientValue, type PlxContinuous, type PlxSpotCheck } from "./pulse-oximeter.ts";
import type { TemperatureMeasurement } from "./temperature.ts";
import type { WeightMeasurement } from "./weight.ts";

/**
 * Why a value does not become a reading.
 *
 * - `no-value`: the sensor says that it measured nothing.
 * - `error`: a special value without a meaning, or a number beyond all measure.
 * - `above-range`, `below-range`: more or less than the sensor can measure. There is no number, but somebody has to know: a
 *   glucose meter shows HIGH or LOW.
 * - `no-contact`: a strap without contact that finds no beat, and the RR intervals of any strap without contact.
 * - `not-a-patient-value`: an oximeter's demonstration, test, unavailable or invalid value.
 * - `control-solution`: a glucose meter was tested.
 * - `not-blood`: glucose in interstitial fluid; kind 6 is glucose in blood.
 * - `other-user`: measured by another user of the sensor than the patient, or nobody has said yet which one the patient is.
 */
export type WithheldReason =
  | "no-value"
  | "error"
  | "above-range"
  | "below-range"
  | "no-contact"
  | "not-a-patient-value"
  | "control-solution"
  | "not-blood"
  | "other-user";

/** A value that does not become a reading; it is to be shown, not to be dropped in silence. */
export interface Withheld {
  readonly kind: Kind;
  readonly reason: WithheldReason;
}

/** One value in wire units. */
export interface WireSample {
  readonly kind: Kind;
  readonly value: WireValue;
  readonly status: number | undefined;
}

/** What one measurement holds: values and what is withheld of them. */
export interface WireValues {
  readonly samples: readonly WireSample[];
  readonly withheld: readonly Withheld[];
}

/** A measurement that can become readings; a cuff's or thermometer's progress, a glucose context and a CGM record cannot. */
export type Measurement =
  | HeartRateMeasurement
  | BloodPressureMeasurement
  | PlxSpotCheck
  | PlxContinuous
  | TemperatureMeasurement
  | WeightMeasurement
  | GlucoseMeasurement;

type Found = number | WithheldReason;

const MM_HG_PER_KILOPASCAL = 7.50062;
const KILOGRAM_PER_POUND = 0.45359237;
const MG_DL_PER_MMOL_L = 18.0156;
/** Nothing that is measured comes near; below it every wire integer is exact. */
const BEYOND_ALL_MEASURE = 1e9;
const DEVICE_STATUS_SHIFT = 2 ** 16;
const INTERSTITIAL_FLUID = 9;
const CONTROL_SOLUTION_TYPE = 10;
const CONTROL_SOLUTION_LOCATION = 4;

const REASONS: Readonly<Record<Special, WithheldReason>> = {
  nan: "no-value",
  nres: "error",
  "positive-infinity": "above-range",
  "negative-infinity": "below-range",
  reserved: "error",
};

/** Turns a measurement into wire units. RR intervals are not among them: they have times of their own. */
export function wireValuesOf(measurement: Measurement): WireValues {
  switch (measurement.type) {
    case "heart-rate":
      return heartRate(measurement);
    case "blood-pressure":
      return join(
        pressure(measurement),
        measurement.pulseRateBpm && one(11, found(measurement.pulseRateBpm), statusOf(measurement)),
      );
    case "plx-spot-check":
    case "plx-continuous":
      return oximeter(measurement);
    case "temperature":
      return one(5, mapped(found(measurement.temperature), toCelsius(measurement.unit)));
    case "weight":
      return one(7, mapped(measurement.weight ?? "no-value", toKilograms(measurement.unit)));
    case "glucose":
      return one(6, glucose(measurement), statusOf(measurement));
  }
}

function heartRate({ heartRateBpm, contact, flags }: HeartRateMeasurement): WireValues {
  // A rate that is found without contact goes to the hospital, whose judgement reads the flags and keeps it apart.
  const nothing = contact === "absent" && heartRateBpm === 0;
  return one(1, nothing ? "no-contact" : heartRateBpm, flags);
}

function pressure(measurement: BloodPressureMeasurement): WireValues {
  const inMmHg = (part: MedicalFloat) => mapped(found(part), toMmHg(measurement.unit));
  const systolic = inMmHg(measurement.systolic);
  const diastolic = inMmHg(measurement.diastolic);
  const mean = inMmHg(measurement.mean);
  const pressure = [numberOrNull(systolic), numberOrNull(diastolic), numberOrNull(mean)] as const;
  const isEmpty = pressure.every((part) => part === null);
  // A part that was not measured is usual and not worth a word; one outside the cuff's range is.
  const reasons = [systolic, diastolic, mean]
    .filter((part) => typeof part === "string")
    .filter((reason) => isEmpty || reason !== "no-value");
  const withheld = [...new Set(reasons)].map((reason) => ({ kind: 2 as const, reason }));
  if (isEmpty) return { samples: [], withheld };
  const value = fromClinical(2, pressure);
  return { samples: [{ kind: 2, value, status: statusOf(measurement) }], withheld };
}

function oximeter(measurement: PlxSpotCheck | PlxContinuous): WireValues {
  const { normal } = measurement;
  const isPatient = isPatientValue(measurement);
  const status = oximeterStatus(measurement);
  return join(
    one(3, isPatient ? found(normal.spo2) : "not-a-patient-value", status),
    one(11, isPatient ? found(normal.pulseRateBpm) : "not-a-patient-value", status),
  );
}

/** The measurement's status in the low 16 bits, the device's in the 24 above. */
function oximeterStatus({
  measurementStatus,
  deviceStatus,
}: PlxSpotCheck | PlxContinuous): number | undefined {
  if (measurementStatus === undefined && deviceStatus === undefined) return undefined;
  return (measurementStatus?.bits ?? 0) + (deviceStatus?.bits ?? 0) * DEVICE_STATUS_SHIFT;
}

function glucose(measurement: GlucoseMeasurement): Found {
  const { concentration, sampleType, sampleLocation, status } = measurement;
  if (sampleType === CONTROL_SOLUTION_TYPE || sampleLocation === CONTROL_SOLUTION_LOCATION)
    return "control-solution";
  // Before the number: a meter that shows HIGH may send its own upper limit along, which nobody measured.
  if (status?.names.includes("above-range")) return "above-range";
  if (status?.names.includes("below-range")) return "below-range";
  if (concentration === undefined) return "no-value";
  if (concentration.kind === "special") return REASONS[concentration.special];
  if (sampleType === INTERSTITIAL_FLUID) return "not-blood";
  if (measurement.unit === "kg/L") return found(concentration, 5);
  return mapped(found(concentration, 3), (mmolPerLitre) => mmolPerLitre * MG_DL_PER_MMOL_L);
}

function one(kind: Exclude<Kind, 2>, value: Found, status?: number): WireValues {
  if (typeof value === "string") return { samples: [], withheld: [{ kind, reason: value }] };
  return { samples: [{ kind, value: fromClinical(kind, value), status }], withheld: [] };
}

function join(first: WireValues, second: WireValues | undefined): WireValues {
  if (second === undefined) return first;
  return {
    samples: [...first.samples, ...second.samples],
    withheld: [...first.withheld, ...second.withheld],
  };
}

function found(value: MedicalFloat, shift?: number): Found {
  if (value.kind === "special") return REASONS[value.special];
  const number = toNumber(value, shift) ?? Infinity;
  return Math.abs(number) < BEYOND_ALL_MEASURE ? number : "error";
}

function mapped(value: Found, convert: (value: number) => number): Found {
  return typeof value === "number" ? convert(value) : value;
}

function statusOf({ status }: Pick<BloodPressureMeasurement | GlucoseMeasurement, "status">) {
  return status?.bits;
}

function numberOrNull(value: Found): number | null {
  return typeof value === "number" ? value : null;
}

function toMmHg(unit: BloodPressureMeasurement["unit"]): (value: number) => number {
  return (value) => (unit === "kPa" ? value * MM_HG_PER_KILOPASCAL : value);
}

function toCelsius(unit: TemperatureMeasurement["unit"]): (value: number) => number {
  return (value) => (unit === "fahrenheit" ? ((value - 32) * 5) / 9 : value);
}

function toKilograms(unit: WeightMeasurement["unit"]): (value: number) => number {
  return (value) => (unit === "lb" ? value * KILOGRAM_PER_POUND : value);
}
