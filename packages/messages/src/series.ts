import type { CborMap, CborValue } from "@siphms/cose";
import {
  isKind,
  isOrigin,
  isWireValue,
  type Kind,
  type Origin,
  type WireValue,
} from "@siphms/vitals";
import {
  cborMap,
  isUint,
  type Read,
  readArray,
  readMap,
  readOptional,
  readText,
  readUint,
  refuseUnknownKeys,
  schemaError,
} from "./schema.ts";

/** What a device tells of the sensor that measured; all of it optional. */
export interface Sensor {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly firmware?: string;
  readonly batteryPercent?: number;
  readonly bodySite?: number;
}

/** Samples of one vital sign. Exactly one of `step` and `deltas` is there. */
export interface Series {
  readonly kind: Kind;
  /** Time of the first sample, ms. */
  readonly start: number;
  /** ms from each sample to the next; 0 only with a single value. */
  readonly step?: number;
  /** ms of each sample from the one before; as many as values, the first is 0. */
  readonly deltas?: readonly number[];
  /** Wire units; at least one. */
  readonly values: readonly WireValue[];
  readonly origin: Origin;
  readonly sensor?: Sensor;
  /** The sensor's own status bits, one for each value. */
  readonly status?: readonly number[];
}

/** One value of a series with its time worked out. */
export interface Sample {
  /** Its place in the series, as receipts name it. */
  readonly index: number;
  /** ms. */
  readonly at: number;
  readonly value: WireValue;
  readonly status?: number;
}

/** Goes through a series sample by sample, in the order of the wire. */
export function* samples(series: Series): Generator<Sample, void, undefined> {
  const { status } = series;
  let at = 0;
  for (const [index, value] of series.values.entries()) {
    at = timeOf(series, index, at);
    const bits = status?.[index];
    yield bits === undefined ? { index, at, value } : { index, at, value, status: bits };
  }
}

/**
 * The time of one sample, for callers that go through a series without {@link samples}.
 *
 * @param before - The time of the sample before; not looked at for the first.
 */
export function timeOf({ start, step, deltas }: Series, index: number, before: number): number {
  if (index === 0) return start;
  return before + (deltas === undefined ? (step ?? 0) : (deltas[index] ?? 0));
}

/** The CBOR of a series. */
export function encodeSeries(series: Series): CborMap {
  return cborMap(
    [1, series.kind],
    [2, series.start],
    [3, series.deltas ?? series.step],
    [4, series.values],
    [5, series.origin],
    [6, series.sensor === undefined ? undefined : encodeSensor(series.sensor)],
    [7, series.status],
  );
}

/** Reads a series; its values have their kind's form, but may be implausible. */
export const readSeries: Read<Series> = (value) => {
  const map = readMap(value, "series");
  refuseUnknownKeys(map, [1, 2, 3, 4, 5, 6, 7], "series");
  const kind = readKind(map.get(1), "series.kind");
  const start = readUint(map.get(2), "series.start");
  const values = readValues(kind, map.get(4));
  const spacing = readSpacing(map.get(3), start, values.length);
  const origin = map.get(5);
  if (!isOrigin(origin)) throw schemaError("series.origin");
  const sensor = readOptional(map.get(6), "series.sensor", readSensor);
  const status = readOptional(map.get(7), "series.status", readUints);
  if (status !== undefined && status.length !== values.length) throw schemaError("series.status");
  return {
    kind,
    start,
    ...spacing,
    values,
    origin,
    ...(sensor === undefined ? {} : { sensor }),
    ...(status === undefined ? {} : { status }),
  };
};

/** Reads the number of a vital sign of the table. */
export const readKind: Read<Kind> = (value, member) => {
  if (isKind(value)) return value;
  throw schemaError(member);
};

function readValues(kind: Kind, value: CborValue | undefined): readonly WireValue[] {
  const values = readArray(value, "series.values");
  if (values.length === 0 || !areWireValues(kind, values)) throw schemaError("series.values");
  return values;
}

/** Checks in place, without a copy: a stored envelope may hold thousands of values. */
function areWireValues(kind: Kind, values: readonly CborValue[]): values is readonly WireValue[] {
  return values.every((value) => isWireValue(kind, value));
}

function readSpacing(
  value: CborValue | undefined,
  start: number,
  count: number,
): { readonly step: number } | { readonly deltas: readonly number[] } {
  const member = "series.step";
  if (typeof value === "number") {
    const step = readUint(value, member);
    if (step === 0 && count !== 1) throw schemaError(member);
    if (!Number.isSafeInteger(start + step * (count - 1))) throw schemaError(member);
    return { step };
  }
  const deltas = readUints(value, member);
  if (deltas.length !== count || deltas[0] !== 0) throw schemaError(member);
  // A time beyond 2^53 is no integer of the protocol, even where only the sum reaches it.
  if (!Number.isSafeInteger(deltas.reduce((at, delta) => at + delta, start)))
    throw schemaError(member);
  return { deltas };
}

const readUints: Read<readonly number[]> = (value, member) => {
  const items = readArray(value, member);
  if (!areUints(items)) throw schemaError(member);
  return items;
};

function areUints(items: readonly CborValue[]): items is readonly number[] {
  return items.every(isUint);
}

function encodeSensor(sensor: Sensor): CborMap {
  return cborMap(
    [1, sensor.manufacturer],
    [2, sensor.model],
    [3, sensor.serial],
    [4, sensor.firmware],
    [5, sensor.batteryPercent],
    [6, sensor.bodySite],
  );
}

const readSensor: Read<Sensor> = (value, member) => {
  const map = readMap(value, member);
  refuseUnknownKeys(map, [1, 2, 3, 4, 5, 6], member);
  const sensor: { -readonly [Member in keyof Sensor]: Sensor[Member] } = {};
  const texts = ["manufacturer", "model", "serial", "firmware"] as const;
  for (const [index, name] of texts.entries()) {
    const text = readOptional(map.get(index + 1), member, readText);
    if (text !== undefined) sensor[name] = text;
  }
  const batteryPercent = readOptional(map.get(5), member, readUint);
  if (batteryPercent !== undefined) sensor.batteryPercent = batteryPercent;
  const bodySite = readOptional(map.get(6), member, readUint);
  if (bodySite !== undefined) sensor.bodySite = bodySite;
  return sensor;
};
