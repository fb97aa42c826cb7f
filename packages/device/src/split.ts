import type { Bytes } from "@siphms/cose";
import { MAX_ITEM_BYTES, type Series } from "@siphms/messages";

/**
 * What signature, headers and seal add to a payload, rounded up. The limit is meant for the envelope, the
 * largest of the forms that an item takes.
 */
const OVERHEAD_BYTES = 256;
const MAX_PAYLOAD_BYTES: number = MAX_ITEM_BYTES - OVERHEAD_BYTES;

/**
 * Samples in one item. Far below the 4,096 entries of an array, so that a receipt which puts each of them into
 * quarantine, with a reason, still fits into an envelope.
 */
const MAX_ITEM_SAMPLES = 1_024;

/** A payload with the head that is part of it. */
export interface Unsigned {
  readonly messageId: Bytes;
  readonly created: number;
  readonly payload: Bytes;
}

/** What goes into one item: a part of the readings, encoded. */
export interface ReadingsPart extends Unsigned {
  readonly samples: number;
}

/**
 * Splits readings into as few halvings as the limits of an item ask for, keeping the order of the samples.
 *
 * @param encode - Makes the payload of one part; called once for each part that is kept, and for those found too
 *   large.
 * @throws {RangeError} for series that a hospital would refuse.
 */
export function splitReadings(
  series: readonly Series[],
  encode: (series: readonly Series[]) => Unsigned,
): readonly ReadingsPart[] {
  const samples = countSamples(series);
  if (samples <= MAX_ITEM_SAMPLES) {
    const unsigned = encode(series);
    if (unsigned.payload.length <= MAX_PAYLOAD_BYTES) return [{ ...unsigned, samples }];
  }
  return halve(series).flatMap((half) => splitReadings(half, encode));
}

/** How many samples there are; a blood pressure counts as one. */
export function countSamples(series: readonly Series[]): number {
  return series.reduce((sum, one) => sum + one.values.length, 0);
}

function halve(series: readonly Series[]): readonly (readonly Series[])[] {
  if (series.length > 1) {
    const middle = Math.ceil(series.length / 2);
    return [series.slice(0, middle), series.slice(middle)];
  }
  const [only] = series;
  if (only === undefined || only.values.length < 2) {
    // One sample with a sensor description of 16 KiB: nothing that could be split.
    throw new RangeError("series: one sample is larger than an item may be");
  }
  const middle = Math.ceil(only.values.length / 2);
  return [[firstPart(only, middle)], [restFrom(only, middle)]];
}

function firstPart(series: Series, end: number): Series {
  return {
    ...series,
    values: series.values.slice(0, end),
    ...(series.deltas === undefined ? {} : { deltas: series.deltas.slice(0, end) }),
    ...(series.status === undefined ? {} : { status: series.status.slice(0, end) }),
  };
}

function restFrom(series: Series, from: number): Series {
  const { deltas, step = 0 } = series;
  const passed = deltas?.slice(0, from + 1).reduce((sum, delta) => sum + delta, 0) ?? step * from;
  return {
    ...series,
    start: series.start + passed,
    values: series.values.slice(from),
    // The first distance of a series is always 0: its sample is the start.
    ...(deltas === undefined ? {} : { deltas: [0, ...deltas.slice(from + 1)] }),
    ...(series.status === undefined ? {} : { status: series.status.slice(from) }),
  };
}
