import type { Bytes, CborMap } from "@siphms/cose";
import { readMessageHead } from "./message-id.ts";
import { decodePadded, encodePayload } from "./padding.ts";
import { cborMap, readArrayOf, refuseUnknownKeys } from "./schema.ts";
import { encodeSeries, readSeries, type Series } from "./series.ts";

/** What a device measured, signed as one item. */
export interface Readings {
  /** 16 bytes, beginning with `created`. */
  readonly messageId: Bytes;
  /** ms, the device's clock corrected by the session's offset. */
  readonly created: number;
  /** At least one. */
  readonly series: readonly Series[];
}

const readAllSeries = readArrayOf(readSeries, 1);

/**
 * Encodes a `readings` payload with its pad.
 *
 * @throws {RangeError} for readings that a receiver would refuse.
 */
export function encodeReadings(readings: Readings): Bytes {
  const { messageId, created, series } = readings;
  const map = cborMap([1, messageId], [2, created], [3, series.map(encodeSeries)]);
  return encodePayload("readings", map, readReadings);
}

/**
 * Parses the payload of a message whose `typ` is readings.
 *
 * Values have their kind's form but are not judged; times are not compared with any clock.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
 * @see protocol section 6
 */
export function parseReadings(payload: Uint8Array): Readings {
  return readReadings(decodePadded(payload));
}

function readReadings(map: CborMap): Readings {
  refuseUnknownKeys(map, [0, 1, 2, 3], "readings");
  return { ...readMessageHead(map), series: readAllSeries(map.get(3), "readings.series") };
}
