import { nameBits, type StatusBits } from "./bit-names.ts";
import { DATE_TIME_OCTETS, type DateTime } from "./date-time.ts";
import type { MedicalFloat } from "./medical-float.ts";
import {
  hasBit,
  type Layout,
  openFlagged,
  receivedOf,
  type Received,
  type Value,
} from "./octets.ts";

/** What a glucose meter says about a measurement. Above and below range: the meter showed HIGH or LOW. */
export type GlucoseStatus =
  | "battery-low"
  | "sensor-fault"
  | "sample-too-small"
  | "strip-insertion-error"
  | "wrong-strip"
  | "above-range"
  | "below-range"
  | "too-hot"
  | "too-cold"
  | "strip-pulled-too-soon"
  | "device-fault"
  | "time-fault";

/** One Glucose Measurement (0x2A18). */
export interface GlucoseMeasurement extends Received {
  readonly type: "glucose";
  /** Counts up for each meter; may begin anew after a reset, so `baseTime` belongs to it. */
  readonly sequence: number;
  readonly baseTime: DateTime;
  readonly timeOffsetMinutes: number | undefined;
  /**
   * Base time and offset together, as ms of the meter's own clock; `undefined` where one of them is not known.
   * @see DateTime.localMs
   */
  readonly localMs: number | undefined;
  readonly concentration: MedicalFloat | undefined;
  readonly unit: "kg/L" | "mol/L";
  /** What was measured: 1 to 8 blood or plasma, 9 interstitial fluid, 10 control solution. */
  readonly sampleType: number | undefined;
  /** 1 finger, 2 alternate site, 3 earlobe, 4 control solution, 15 not available. */
  readonly sampleLocation: number | undefined;
  readonly status: StatusBits<GlucoseStatus> | undefined;
  /** A {@link GlucoseContext} with the same sequence number follows. */
  readonly contextFollows: boolean;
}

/** Glucose Measurement Context (0x2A34): what belongs to the measurement of the same sequence number. */
export interface GlucoseContext extends Received {
  readonly type: "glucose-context";
  readonly sequence: number;
  /** 1 breakfast, 2 lunch, 3 dinner, 4 snack, 5 drink, 6 supper, 7 brunch. */
  readonly carbohydrate: { readonly id: number; readonly kilograms: MedicalFloat } | undefined;
  /** 1 before, 2 after a meal, 3 fasting, 4 casual, 5 bedtime. */
  readonly meal: number | undefined;
  /** 1 self, 2 health care professional, 3 laboratory, 15 not available. */
  readonly tester: number | undefined;
  /** 1 minor, 2 major issues, 3 menses, 4 stress, 5 no issues, 15 not available. */
  readonly health: number | undefined;
  /** Seconds are `undefined` where the meter's count overran. */
  readonly exercise:
    { readonly seconds: number | undefined; readonly intensityPercent: number } | undefined;
  /** 1 rapid, 2 short, 3 intermediate, 4 long acting, 5 pre-mixed insulin. */
  readonly medication:
    { readonly id: number; readonly amount: MedicalFloat; readonly unit: "kg" | "L" } | undefined;
  readonly hba1cPercent: MedicalFloat | undefined;
}

const TIME_OFFSET = 0;
const CONCENTRATION = 1;
const MOLAR = 2;
const STATUS = 3;
const CONTEXT = 4;
const LAYOUT: Layout = {
  base: 3 + DATE_TIME_OCTETS,
  optional: [
    [TIME_OFFSET, 2],
    [CONCENTRATION, 3],
    [STATUS, 2],
  ],
  known: 0b11111,
};
/** The meter's clock was set by more than the offset can hold: overrun and underrun. */
const OFFSET_UNKNOWN: ReadonlySet<number> = new Set([0x7fff, -0x8000]);
const MS_PER_MINUTE = 60_000;
const STATUS_NAMES: Readonly<Record<number, GlucoseStatus>> = {
  0: "battery-low",
  1: "sensor-fault",
  2: "sample-too-small",
  3: "strip-insertion-error",
  4: "wrong-strip",
  5: "above-range",
  6: "below-range",
  7: "too-hot",
  8: "too-cold",
  9: "strip-pulled-too-soon",
  10: "device-fault",
  11: "time-fault",
};

const CARBOHYDRATE = 0;
const MEAL = 1;
const TESTER_HEALTH = 2;
const EXERCISE = 3;
const MEDICATION = 4;
const LITRES = 5;
const HBA1C = 6;
const EXTENDED = 7;
const CONTEXT_LAYOUT: Layout = {
  base: 3,
  optional: [
    [EXTENDED, 1],
    [CARBOHYDRATE, 3],
    [MEAL, 1],
    [TESTER_HEALTH, 1],
    [EXERCISE, 3],
    [MEDICATION, 3],
    [HBA1C, 2],
  ],
  known: 0xff,
};
const EXERCISE_OVERRUN = 0xffff;

/**
 * Reads a Glucose Measurement.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodeGlucose(value: Value): GlucoseMeasurement {
  const opened = openFlagged(value, LAYOUT);
  const { flags, reader } = opened;
  const sequence = reader.uint16();
  const baseTime = reader.dateTime();
  const timeOffsetMinutes = hasBit(flags, TIME_OFFSET) ? reader.int16() : undefined;
  const hasConcentration = hasBit(flags, CONCENTRATION);
  const concentration = hasConcentration ? reader.sfloat() : undefined;
  const sample = hasConcentration ? reader.uint8() : undefined;
  return {
    type: "glucose",
    sequence,
    baseTime,
    timeOffsetMinutes,
    localMs: localMsOf(baseTime, timeOffsetMinutes ?? 0),
    concentration,
    unit: hasBit(flags, MOLAR) ? "mol/L" : "kg/L",
    sampleType: sample === undefined ? undefined : sample & 0xf,
    sampleLocation: sample === undefined ? undefined : sample >> 4,
    status: hasBit(flags, STATUS) ? nameBits(reader.uint16(), STATUS_NAMES) : undefined,
    contextFollows: hasBit(flags, CONTEXT),
    ...receivedOf(value, opened),
  };
}

/**
 * Reads a Glucose Measurement Context.
 *
 * All its flags are in use; a newer meter announces more in the extended flags, which count as `reservedFlags` here.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodeGlucoseContext(value: Value): GlucoseContext {
  const opened = openFlagged(value, CONTEXT_LAYOUT);
  const { flags, reader } = opened;
  const sequence = reader.uint16();
  const reservedFlags = hasBit(flags, EXTENDED) ? reader.uint8() : 0;
  const carbohydrate = hasBit(flags, CARBOHYDRATE)
    ? { id: reader.uint8(), kilograms: reader.sfloat() }
    : undefined;
  const meal = hasBit(flags, MEAL) ? reader.uint8() : undefined;
  const person = hasBit(flags, TESTER_HEALTH) ? reader.uint8() : undefined;
  const exercise = hasBit(flags, EXERCISE)
    ? { seconds: secondsOf(reader.uint16()), intensityPercent: reader.uint8() }
    : undefined;
  const medication = hasBit(flags, MEDICATION)
    ? { id: reader.uint8(), amount: reader.sfloat(), unit: litresOrKilograms(flags) }
    : undefined;
  return {
    type: "glucose-context",
    sequence,
    carbohydrate,
    meal,
    tester: person === undefined ? undefined : person & 0xf,
    health: person === undefined ? undefined : person >> 4,
    exercise,
    medication,
    hba1cPercent: hasBit(flags, HBA1C) ? reader.sfloat() : undefined,
    ...receivedOf(value, { reader, reservedFlags }),
  };
}

function localMsOf({ localMs }: DateTime, offsetMinutes: number): number | undefined {
  if (localMs === undefined || OFFSET_UNKNOWN.has(offsetMinutes)) return undefined;
  return localMs + offsetMinutes * MS_PER_MINUTE;
}

function secondsOf(raw: number): number | undefined {
  return raw === EXERCISE_OVERRUN ? undefined : raw;
}

function litresOrKilograms(flags: number): "kg" | "L" {
  return hasBit(flags, LITRES) ? "L" : "kg";
}
