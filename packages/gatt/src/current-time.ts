import { nameBits, type StatusBits } from "./bit-names.ts";
import { DATE_TIME_OCTETS, type DateTime } from "./date-time.ts";
import { GattError } from "./gatt-error.ts";
import { readerOf, requireLength, type Value } from "./octets.ts";

/** Why a sensor's clock was set last. */
export type AdjustReason = "manual" | "external-reference" | "time-zone" | "daylight-saving";

/** A sensor's Current Time (0x2A2B). */
export interface CurrentTime {
  readonly dateTime: DateTime;
  /** 1 Monday to 7 Sunday; 0: not known. */
  readonly dayOfWeek: number;
  /** 0 to 255, of 256 parts of a second. */
  readonly fractions256: number;
  /** `dateTime` and fractions together; `undefined` as there. */
  readonly localMs: number | undefined;
  readonly adjustReasons: StatusBits<AdjustReason>;
}

const SUNDAY = 7;

/**
 * Reads a Current Time.
 *
 * @throws {GattError} `GATT_TOO_SHORT` or `GATT_LENGTH` for anything but ten octets, `GATT_VALUE` for an eighth day of the week.
 */
export function decodeCurrentTime(value: Value): CurrentTime {
  requireLength(value, DATE_TIME_OCTETS + 3);
  const reader = readerOf(value);
  const dateTime = reader.dateTime();
  const dayOfWeek = reader.uint8();
  if (dayOfWeek > SUNDAY) throw new GattError("GATT_VALUE", "a day of the week above 7");
  const fractions256 = reader.uint8();
  const adjustReasons = nameBits<AdjustReason>(reader.uint8(), {
    0: "manual",
    1: "external-reference",
    2: "time-zone",
    3: "daylight-saving",
  });
  const { localMs: wholeSeconds } = dateTime;
  const localMs =
    wholeSeconds === undefined ? undefined : wholeSeconds + (fractions256 * 1000) / 256;
  return { dateTime, dayOfWeek, fractions256, localMs, adjustReasons };
}
