import { nameBits, type StatusBits } from "./bit-names.ts";
import { DATE_TIME_OCTETS, type DateTime } from "./date-time.ts";
import type { MedicalFloat } from "./medical-float.ts";
import {
  hasBit,
  type Layout,
  openFlagged,
  type Reader,
  readerOf,
  receivedOf,
  type Received,
  tooShort,
  type Value,
} from "./octets.ts";

/** What an oximeter says about a measurement. With {@link isPatientValue} false it must never be stored as the patient's. */
export type PlxMeasurementStatus =
  | "measurement-ongoing"
  | "early-estimate"
  | "validated"
  | "fully-qualified"
  | "from-storage"
  | "demonstration"
  | "test"
  | "calibration-ongoing"
  | "unavailable"
  | "questionable"
  | "invalid";

/** What an oximeter says about itself, its sensor and the signal. */
export type PlxDeviceStatus =
  | "extended-display-update"
  | "equipment-malfunction"
  | "signal-processing-irregularity"
  | "inadequate-signal"
  | "poor-signal"
  | "low-perfusion"
  | "erratic-signal"
  | "non-pulsatile-signal"
  | "questionable-pulse"
  | "signal-analysis-ongoing"
  | "sensor-interface"
  | "sensor-unconnected-to-user"
  | "unknown-sensor"
  | "sensor-displaced"
  | "sensor-malfunctioning"
  | "sensor-disconnected";

/** SpO2 in % and pulse rate in beats a minute, measured together. */
export interface OxygenPair {
  readonly spo2: MedicalFloat;
  readonly pulseRateBpm: MedicalFloat;
}

interface PlxFields extends Received {
  readonly normal: OxygenPair;
  readonly measurementStatus: StatusBits<PlxMeasurementStatus> | undefined;
  readonly deviceStatus: StatusBits<PlxDeviceStatus> | undefined;
  /** In %. */
  readonly pulseAmplitudeIndex: MedicalFloat | undefined;
}

/** One PLX Spot-check Measurement (0x2A5E). */
export interface PlxSpotCheck extends PlxFields {
  readonly type: "plx-spot-check";
  readonly timestamp: DateTime | undefined;
  /** The oximeter's clock was never set: `timestamp` says nothing. */
  readonly isClockUnset: boolean;
}

/** One PLX Continuous Measurement (0x2A5F): `normal` is the reading, the other two show how it moves. */
export interface PlxContinuous extends PlxFields {
  readonly type: "plx-continuous";
  readonly fast: OxygenPair | undefined;
  readonly slow: OxygenPair | undefined;
}

/** What an oximeter can do (0x2A60). */
export type PlxFeature =
  | "measurement-status"
  | "device-status"
  | "storage"
  | "timestamp"
  | "fast"
  | "slow"
  | "pulse-amplitude-index"
  | "multiple-bonds";

/** PLX Features: what is supported, and where the oximeter tells, which status bits. */
export interface PlxFeatures {
  readonly features: StatusBits<PlxFeature>;
  readonly measurementStatus: StatusBits<PlxMeasurementStatus> | undefined;
  readonly deviceStatus: StatusBits<PlxDeviceStatus> | undefined;
}

const MEASUREMENT_STATUS: Readonly<Record<number, PlxMeasurementStatus>> = {
  5: "measurement-ongoing",
  6: "early-estimate",
  7: "validated",
  8: "fully-qualified",
  9: "from-storage",
  10: "demonstration",
  11: "test",
  12: "calibration-ongoing",
  13: "unavailable",
  14: "questionable",
  15: "invalid",
};
const DEVICE_STATUS: Readonly<Record<number, PlxDeviceStatus>> = {
  0: "extended-display-update",
  1: "equipment-malfunction",
  2: "signal-processing-irregularity",
  3: "inadequate-signal",
  4: "poor-signal",
  5: "low-perfusion",
  6: "erratic-signal",
  7: "non-pulsatile-signal",
  8: "questionable-pulse",
  9: "signal-analysis-ongoing",
  10: "sensor-interface",
  11: "sensor-unconnected-to-user",
  12: "unknown-sensor",
  13: "sensor-displaced",
  14: "sensor-malfunctioning",
  15: "sensor-disconnected",
};
const FEATURES: Readonly<Record<number, PlxFeature>> = {
  0: "measurement-status",
  1: "device-status",
  2: "storage",
  3: "timestamp",
  4: "fast",
  5: "slow",
  6: "pulse-amplitude-index",
  7: "multiple-bonds",
};

// The two characteristics number their flags differently: bit 1 is the status of the one and the slow pair of the other.
const SPOT_TIMESTAMP = 0;
const SPOT_MEASUREMENT_STATUS = 1;
const SPOT_DEVICE_STATUS = 2;
const SPOT_AMPLITUDE = 3;
const SPOT_CLOCK_UNSET = 4;
const SPOT_LAYOUT: Layout = {
  base: 5,
  optional: [
    [SPOT_TIMESTAMP, DATE_TIME_OCTETS],
    [SPOT_MEASUREMENT_STATUS, 2],
    [SPOT_DEVICE_STATUS, 3],
    [SPOT_AMPLITUDE, 2],
  ],
  known: 0b11111,
};
const FAST = 0;
const SLOW = 1;
const MEASUREMENT = 2;
const DEVICE = 3;
const AMPLITUDE = 4;
const CONTINUOUS_LAYOUT: Layout = {
  base: 5,
  optional: [
    [FAST, 4],
    [SLOW, 4],
    [MEASUREMENT, 2],
    [DEVICE, 3],
    [AMPLITUDE, 2],
  ],
  known: 0b11111,
};

const NOT_OF_A_PATIENT: ReadonlySet<PlxMeasurementStatus> = new Set<PlxMeasurementStatus>([
  "demonstration",
  "test",
  "unavailable",
  "invalid",
]);

/**
 * Reads a PLX Spot-check Measurement.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodePlxSpotCheck(value: Value): PlxSpotCheck {
  const opened = openFlagged(value, SPOT_LAYOUT);
  const { flags, reader } = opened;
  return {
    type: "plx-spot-check",
    normal: pairOf(reader),
    timestamp: hasBit(flags, SPOT_TIMESTAMP) ? reader.dateTime() : undefined,
    measurementStatus: hasBit(flags, SPOT_MEASUREMENT_STATUS) ? measurementOf(reader) : undefined,
    deviceStatus: hasBit(flags, SPOT_DEVICE_STATUS) ? deviceOf(reader) : undefined,
    pulseAmplitudeIndex: hasBit(flags, SPOT_AMPLITUDE) ? reader.sfloat() : undefined,
    isClockUnset: hasBit(flags, SPOT_CLOCK_UNSET),
    ...receivedOf(value, opened),
  };
}

/**
 * Reads a PLX Continuous Measurement.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodePlxContinuous(value: Value): PlxContinuous {
  const opened = openFlagged(value, CONTINUOUS_LAYOUT);
  const { flags, reader } = opened;
  return {
    type: "plx-continuous",
    normal: pairOf(reader),
    fast: hasBit(flags, FAST) ? pairOf(reader) : undefined,
    slow: hasBit(flags, SLOW) ? pairOf(reader) : undefined,
    measurementStatus: hasBit(flags, MEASUREMENT) ? measurementOf(reader) : undefined,
    deviceStatus: hasBit(flags, DEVICE) ? deviceOf(reader) : undefined,
    pulseAmplitudeIndex: hasBit(flags, AMPLITUDE) ? reader.sfloat() : undefined,
    ...receivedOf(value, opened),
  };
}

/**
 * Reads PLX Features; octets behind the known fields are left alone, for a newer oximeter may add some.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodePlxFeatures(value: Value): PlxFeatures {
  if (value.byteLength < 2) throw tooShort(2, value.byteLength);
  const reader = readerOf(value);
  const bits = reader.uint16();
  const needed = 2 + (hasBit(bits, 0) ? 2 : 0) + (hasBit(bits, 1) ? 3 : 0);
  if (value.byteLength < needed) throw tooShort(needed, value.byteLength);
  return {
    features: nameBits(bits, FEATURES),
    measurementStatus: hasBit(bits, 0) ? measurementOf(reader) : undefined,
    deviceStatus: hasBit(bits, 1) ? deviceOf(reader) : undefined,
  };
}

/** False for what a measurement says to be a demonstration, a test, unavailable or invalid. */
export function isPatientValue({
  measurementStatus,
}: Pick<PlxFields, "measurementStatus">): boolean {
  return measurementStatus?.names.every((name) => !NOT_OF_A_PATIENT.has(name)) ?? true;
}

function pairOf(reader: Reader): OxygenPair {
  return { spo2: reader.sfloat(), pulseRateBpm: reader.sfloat() };
}

function measurementOf(reader: Reader): StatusBits<PlxMeasurementStatus> {
  return nameBits(reader.uint16(), MEASUREMENT_STATUS);
}

function deviceOf(reader: Reader): StatusBits<PlxDeviceStatus> {
  return nameBits(reader.uint24(), DEVICE_STATUS);
}
