import type { Bytes } from "./bytes.ts";
import {
  compareCborKeys,
  DEFAULT_CBOR_LIMITS,
  isCborArray,
  isCborMap,
  type CborKey,
  type CborMap,
  type CborValue,
} from "./cbor-value.ts";

/**
 * Encodes a value as deterministic CBOR: shortest heads, definite lengths, map keys sorted bytewise.
 *
 * The order in which the caller put keys into a map does not matter. The value is not altered.
 *
 * @throws {RangeError} For an integer beyond ±(2^53−1) or a fraction, and for a value deeper or with
 *   more items than {@link DEFAULT_CBOR_LIMITS} allow, since every receiver would refuse it.
 * @throws {TypeError} For a text with half a surrogate pair, or a value of no CBOR type.
 * @see RFC 8949 §4.2.1
 */
export function encodeCbor(value: CborValue): Bytes {
  const writer: Writer = { bytes: new Uint8Array(FIRST_BYTES), at: 0 };
  writeItem(writer, value, 1);
  return writer.bytes.slice(0, writer.at);
}

/** An output that grows; `at` is where the next byte goes. */
interface Writer {
  bytes: Bytes;
  at: number;
}

/** Enough for most headers and structures without growing. */
const FIRST_BYTES = 256;
const utf8Encoder = new TextEncoder();
/** With the `u` flag a surrogate matches only where it stands alone. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function writeItem(writer: Writer, value: CborValue, depth: number): void {
  if (typeof value === "number") writeInteger(writer, value);
  else if (typeof value === "string") writeText(writer, value);
  else if (value instanceof Uint8Array) {
    writeHead(writer, 2, value.length);
    writeRaw(writer, value);
  } else if (isCborArray(value)) writeArray(writer, value, depth);
  else if (isCborMap(value)) writeMap(writer, value, depth);
  else writeHead(writer, 7, simpleValue(value));
}

function writeInteger(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError("value: not an integer within ±(2^53−1)");
  if (value < 0) writeHead(writer, 1, -1 - value);
  else writeHead(writer, 0, value);
}

function writeText(writer: Writer, value: string): void {
  if (LONE_SURROGATE.test(value)) throw new TypeError("value: text with half a surrogate pair");
  const utf8 = utf8Encoder.encode(value);
  writeHead(writer, 3, utf8.length);
  writeRaw(writer, utf8);
}

function writeArray(writer: Writer, items: readonly CborValue[], depth: number): void {
  checkContainer(items.length, depth);
  writeHead(writer, 4, items.length);
  for (const item of items) writeItem(writer, item, depth + 1);
}

function writeMap(writer: Writer, map: CborMap, depth: number): void {
  checkContainer(map.size, depth);
  writeHead(writer, 5, map.size);
  const pairs = [...map].sort(byKey);
  for (const [key, value] of pairs) {
    writeItem(writer, key, depth + 1);
    writeItem(writer, value, depth + 1);
  }
}

function byKey(a: readonly [CborKey, CborValue], b: readonly [CborKey, CborValue]): number {
  return compareCborKeys(a[0], b[0]);
}

function checkContainer(items: number, depth: number): void {
  if (depth > DEFAULT_CBOR_LIMITS.maxDepth) throw new RangeError("value: nested too deep");
  if (items > DEFAULT_CBOR_LIMITS.maxItems) throw new RangeError("value: too many items");
}

/** RFC 8949 §3.3: the three simple values of the protocol. */
function simpleValue(value: boolean | null): number {
  if (value === false) return 20;
  if (value === true) return 21;
  // The types exclude everything else, but a value may have come from untyped code.
  if ((value as unknown) !== null) throw new TypeError("value: of no CBOR type");
  return 22;
}

/** RFC 8949 §3: major type and argument, in the shortest of the five forms. */
function writeHead(writer: Writer, major: number, argument: number): void {
  reserve(writer, 9);
  const type = major << 5;
  const { bytes } = writer;
  let { at } = writer;
  if (argument < 24) bytes[at++] = type | argument;
  else if (argument < 0x100) {
    bytes[at++] = type | 24;
    bytes[at++] = argument;
  } else {
    const [info, width] =
      argument < 0x1_0000 ? [25, 2] : argument < 0x1_0000_0000 ? [26, 4] : [27, 8];
    bytes[at++] = type | info;
    for (let i = width - 1; i >= 0; i--) bytes[at++] = Math.floor(argument / 256 ** i) % 256;
  }
  writer.at = at;
}

function writeRaw(writer: Writer, raw: Uint8Array): void {
  reserve(writer, raw.length);
  writer.bytes.set(raw, writer.at);
  writer.at += raw.length;
}

function reserve(writer: Writer, length: number): void {
  const needed = writer.at + length;
  if (needed <= writer.bytes.length) return;
  const grown = new Uint8Array(Math.max(needed, writer.bytes.length * 2));
  grown.set(writer.bytes.subarray(0, writer.at));
  writer.bytes = grown;
}
