import { GattError } from "./gatt-error.ts";
import {
  hasBit,
  type Layout,
  openFlagged,
  receivedOf,
  type Received,
  requireLength,
  readerOf,
  type Value,
} from "./octets.ts";

/** What a sensor says of its contact with the skin; `not-supported` where it cannot tell. */
export type SensorContact = "not-supported" | "absent" | "present";

/** One Heart Rate Measurement (0x2A37). */
export interface HeartRateMeasurement extends Received {
  readonly type: "heart-rate";
  /** The first octet as it came; `judge` of `@siphms/vitals` reads contact from it. */
  readonly flags: number;
  /** 0: no beat found, which is not asystole. With absent contact no value is to be trusted. */
  readonly heartRateBpm: number;
  readonly contact: SensorContact;
  /** Counts up since the last reset and stays at 65,535. */
  readonly energyKilojoules: number | undefined;
  /** The time between beats, oldest first, exact: a unit on the air is 1000/1024 ms. */
  readonly rrIntervalsMs: readonly number[];
}

/** Where a heart rate sensor sits, by its number in Body Sensor Location (0x2A38). */
export const BODY_SENSOR_LOCATIONS: readonly [
  "other",
  "chest",
  "wrist",
  "finger",
  "hand",
  "ear-lobe",
  "foot",
] = ["other", "chest", "wrist", "finger", "hand", "ear-lobe", "foot"];

const WIDE = 0;
const ENERGY = 3;
const INTERVALS = 4;
const LAYOUT: Layout = {
  base: 2,
  optional: [
    [WIDE, 1],
    [ENERGY, 2],
    [INTERVALS, 2],
  ],
  known: 0b11111,
};
const CONTACT: readonly SensorContact[] = ["not-supported", "not-supported", "absent", "present"];

/**
 * Reads a Heart Rate Measurement.
 *
 * The RR intervals fill the value to its end. Where a newer sensor sets a reserved flag, what it adds stands among them and
 * cannot be told from them: then none is read, and `trailingOctets` counts what was left.
 *
 * @throws {GattError} `GATT_TOO_SHORT`, for announced but missing intervals too; `GATT_LENGTH` for half an interval.
 */
export function decodeHeartRate(value: Value): HeartRateMeasurement {
  const opened = openFlagged(value, LAYOUT);
  const { flags, reader, reservedFlags } = opened;
  const heartRateBpm = hasBit(flags, WIDE) ? reader.uint16() : reader.uint8();
  const energyKilojoules = hasBit(flags, ENERGY) ? reader.uint16() : undefined;
  const rrIntervalsMs: number[] = [];
  if (hasBit(flags, INTERVALS) && reservedFlags === 0) {
    if (reader.remaining() % 2 !== 0)
      throw new GattError("GATT_LENGTH", "half an RR interval at the end");
    while (reader.remaining() > 0) rrIntervalsMs.push((reader.uint16() * 1000) / 1024);
  }
  return {
    type: "heart-rate",
    flags,
    heartRateBpm,
    contact: CONTACT[(flags >> 1) & 3] ?? "not-supported",
    energyKilojoules,
    rrIntervalsMs,
    ...receivedOf(value, opened),
  };
}

/**
 * Reads a Body Sensor Location: a number of {@link BODY_SENSOR_LOCATIONS}, or a higher one of a newer table.
 *
 * @throws {GattError} `GATT_TOO_SHORT` or `GATT_LENGTH` for anything but one octet.
 */
export function decodeBodySensorLocation(value: Value): number {
  requireLength(value, 1);
  return readerOf(value).uint8();
}
