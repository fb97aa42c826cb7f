import { nameBits, type StatusBits } from "./bit-names.ts";
import { DATE_TIME_OCTETS, type DateTime } from "./date-time.ts";
import type { MedicalFloat } from "./medical-float.ts";
import {
  hasBit,
  type Layout,
  openFlagged,
  readerOf,
  receivedOf,
  type Received,
  requireLength,
  type Value,
} from "./octets.ts";

/** The unit of a cuff's numbers. */
export type PressureUnit = "mmHg" | "kPa";

/** What a cuff says about a measurement. */
export type BloodPressureStatus =
  | "body-movement"
  | "cuff-too-loose"
  | "irregular-pulse"
  | "pulse-above-range"
  | "pulse-below-range"
  | "improper-position";

/** The optional fields that a measurement and a cuff's progress share. */
interface CuffFields extends Received {
  readonly unit: PressureUnit;
  readonly timestamp: DateTime | undefined;
  readonly pulseRateBpm: MedicalFloat | undefined;
  /** 0 to 254; 255: the cuff does not know. */
  readonly userId: number | undefined;
  /** A bit of 0 means nothing where the cuff does not support it: see {@link decodeBloodPressureFeature}. */
  readonly status: StatusBits<BloodPressureStatus> | undefined;
}

/** One Blood Pressure Measurement (0x2A35). The mean is often special (`nan`): nothing is put in its place. */
export interface BloodPressureMeasurement extends CuffFields {
  readonly type: "blood-pressure";
  readonly systolic: MedicalFloat;
  readonly diastolic: MedicalFloat;
  readonly mean: MedicalFloat;
}

/** The pressure in a cuff while it measures (0x2A36): for a progress bar, never a reading to store. */
export interface CuffPressure extends CuffFields {
  readonly type: "cuff-pressure";
  readonly pressure: MedicalFloat;
}

/** Which status bits a cuff supports, and whether it keeps several bonds (0x2A49). */
export type BloodPressureFeature =
  "body-movement" | "cuff-fit" | "irregular-pulse" | "pulse-range" | "position" | "multiple-bonds";

const KILOPASCAL = 0;
const TIMESTAMP = 1;
const PULSE_RATE = 2;
const USER_ID = 3;
const STATUS = 4;
const LAYOUT: Layout = {
  base: 7,
  optional: [
    [TIMESTAMP, DATE_TIME_OCTETS],
    [PULSE_RATE, 2],
    [USER_ID, 1],
    [STATUS, 2],
  ],
  known: 0b11111,
};

/**
 * Reads a Blood Pressure Measurement.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodeBloodPressure(value: Value): BloodPressureMeasurement {
  const { pressures, fields } = decodeCuff(value);
  const [systolic, diastolic, mean] = pressures;
  return { type: "blood-pressure", systolic, diastolic, mean, ...fields };
}

/**
 * Reads an Intermediate Cuff Pressure: the layout of a measurement, of whose three pressures the first alone counts.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodeCuffPressure(value: Value): CuffPressure {
  const { pressures, fields } = decodeCuff(value);
  // The other two should be NaN; some cuffs send 0 there, so they are not looked at.
  return { type: "cuff-pressure", pressure: pressures[0], ...fields };
}

/**
 * Reads a Blood Pressure Feature.
 *
 * @throws {GattError} `GATT_TOO_SHORT` or `GATT_LENGTH` for anything but two octets.
 */
export function decodeBloodPressureFeature(value: Value): StatusBits<BloodPressureFeature> {
  requireLength(value, 2);
  return nameBits<BloodPressureFeature>(readerOf(value).uint16(), {
    0: "body-movement",
    1: "cuff-fit",
    2: "irregular-pulse",
    3: "pulse-range",
    4: "position",
    5: "multiple-bonds",
  });
}

function decodeCuff(value: Value): {
  readonly pressures: readonly [MedicalFloat, MedicalFloat, MedicalFloat];
  readonly fields: CuffFields;
} {
  const opened = openFlagged(value, LAYOUT);
  const { flags, reader } = opened;
  const pressures = [reader.sfloat(), reader.sfloat(), reader.sfloat()] as const;
  const optional = {
    timestamp: hasBit(flags, TIMESTAMP) ? reader.dateTime() : undefined,
    pulseRateBpm: hasBit(flags, PULSE_RATE) ? reader.sfloat() : undefined,
    userId: hasBit(flags, USER_ID) ? reader.uint8() : undefined,
    status: hasBit(flags, STATUS) ? statusOf(reader.uint16()) : undefined,
  };
  const unit = hasBit(flags, KILOPASCAL) ? "kPa" : "mmHg";
  return { pressures, fields: { unit, ...optional, ...receivedOf(value, opened) } };
}

function statusOf(bits: number): StatusBits<BloodPressureStatus> {
  // Bits 3 and 4 are one number: 1 above, 2 below, and 3, which must not be read as both.
  const range = (["", "pulse-above-range", "pulse-below-range", ""] as const)[(bits >> 3) & 3];
  const { names } = nameBits<BloodPressureStatus>(bits, {
    0: "body-movement",
    1: "cuff-too-loose",
    2: "irregular-pulse",
    5: "improper-position",
  });
  return { bits, names: range ? [...names, range] : names };
}
