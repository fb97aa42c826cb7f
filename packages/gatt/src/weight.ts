import { DATE_TIME_OCTETS, type DateTime } from "./date-time.ts";
import {
  hasBit,
  type Layout,
  openFlagged,
  receivedOf,
  type Received,
  type Value,
} from "./octets.ts";

/** One Weight Measurement (0x2A9D). */
export interface WeightMeasurement extends Received {
  readonly type: "weight";
  readonly unit: "kg" | "lb";
  /** In `unit`; `undefined` where the scale says that it could not measure (0xFFFF). */
  readonly weight: number | undefined;
  readonly timestamp: DateTime | undefined;
  /** 0 to 254; 255: the scale does not know. */
  readonly userId: number | undefined;
  readonly bodyMassIndex: number | undefined;
  readonly height: { readonly value: number; readonly unit: "m" | "in" } | undefined;
}

const POUND = 0;
const TIMESTAMP = 1;
const USER_ID = 2;
const BODY_MASS_INDEX = 3;
const LAYOUT: Layout = {
  base: 3,
  optional: [
    [TIMESTAMP, DATE_TIME_OCTETS],
    [USER_ID, 1],
    [BODY_MASS_INDEX, 4],
  ],
  known: 0b1111,
};
const UNSUCCESSFUL = 0xffff;

/**
 * Reads a Weight Measurement. Its numbers are integers with a fixed resolution: 5 g or 0.01 lb, 1 mm or 0.1 in.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodeWeight(value: Value): WeightMeasurement {
  const opened = openFlagged(value, LAYOUT);
  const { flags, reader } = opened;
  const isPound = hasBit(flags, POUND);
  const raw = reader.uint16();
  const timestamp = hasBit(flags, TIMESTAMP) ? reader.dateTime() : undefined;
  const userId = hasBit(flags, USER_ID) ? reader.uint8() : undefined;
  const hasIndex = hasBit(flags, BODY_MASS_INDEX);
  return {
    type: "weight",
    unit: isPound ? "lb" : "kg",
    // Divided rather than multiplied by 0.005 or 0.01: so the shortest decimal comes out.
    weight: raw === UNSUCCESSFUL ? undefined : raw / (isPound ? 100 : 200),
    timestamp,
    userId,
    bodyMassIndex: hasIndex ? reader.uint16() / 10 : undefined,
    height: hasIndex ? heightOf(reader.uint16(), isPound) : undefined,
    ...receivedOf(value, opened),
  };
}

function heightOf(raw: number, isInches: boolean): WeightMeasurement["height"] {
  return isInches ? { value: raw / 10, unit: "in" } : { value: raw / 1000, unit: "m" };
}
