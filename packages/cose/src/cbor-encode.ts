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
  writer.at = 0;
  writeItem(writer, value, 1);
  return writer.bytes.slice(0, writer.at);
}

/** The head of a byte string of this length, for structures that are put together by hand because they are made often. */
export function byteStringHead(length: number): Bytes {
  writer.at = 0;
  writeHead(writer, 2, length);
  return writer.bytes.slice(0, writer.at);
}

/** An output that grows; `at` is where the next byte goes. */
interface Writer {
  bytes: Bytes;
  at: number;
}

/** Enough for what the protocol sends without growing. */
const FIRST_BYTES = 32_768;
/** One for all: encoding never waits, so no two outputs are ever under way at once. */
const writer: Writer = { bytes: new Uint8Array(FIRST_BYTES), at: 0 };
const SHORT_TEXT = 48;
const utf8Encoder = new TextEncoder();
/** With the `u` flag a surrogate matches only where it stands alone. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function writeItem(out: Writer, value: CborValue, depth: number): void {
  if (typeof value === "number") writeInteger(out, value);
  else if (typeof value === "string") writeText(out, value);
  else if (value instanceof Uint8Array) {
    writeHead(out, 2, value.length);
    writeRaw(out, value);
  } else if (isCborArray(value)) writeArray(out, value, depth);
  else if (isCborMap(value)) writeMap(out, value, depth);
  else writeHead(out, 7, simpleValue(value));
}

function writeInteger(out: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError("value: not an integer within ±(2^53−1)");
  if (value < 0) writeHead(out, 1, -1 - value);
  else writeHead(out, 0, value);
}

function writeText(out: Writer, value: string): void {
  if (writeAscii(out, value)) return;
  if (LONE_SURROGATE.test(value)) throw new TypeError("value: text with half a surrogate pair");
  const utf8 = utf8Encoder.encode(value);
  writeHead(out, 3, utf8.length);
  writeRaw(out, utf8);
}

/** Most texts are short ASCII: calling a TextEncoder for them costs more than writing them. @returns false, with nothing written, for any other. */
function writeAscii(out: Writer, value: string): boolean {
  if (value.length > SHORT_TEXT) return false;
  const start = out.at;
  writeHead(out, 3, value.length);
  reserve(out, value.length);
  const { bytes } = out;
  let { at } = out;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 0x80) {
      out.at = start;
      return false;
    }
    bytes[at++] = code;
  }
  out.at = at;
  return true;
}

function writeArray(out: Writer, items: readonly CborValue[], depth: number): void {
  checkContainer(items.length, depth);
  writeHead(out, 4, items.length);
  for (const item of items) writeItem(out, item, depth + 1);
}

function writeMap(out: Writer, map: CborMap, depth: number): void {
  checkContainer(map.size, depth);
  writeHead(out, 5, map.size);
  const pairs = isInOrder(map) ? map : [...map].sort(byKey);
  for (const [key, value] of pairs) {
    writeItem(out, key, depth + 1);
    writeItem(out, value, depth + 1);
  }
}

/** Nearly every map is made in the order in which it is written. */
function isInOrder(map: CborMap): boolean {
  let previous: CborKey | undefined;
  for (const key of map.keys()) {
    if (previous !== undefined && compareCborKeys(previous, key) >= 0) return false;
    previous = key;
  }
  return true;
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
function writeHead(out: Writer, major: number, argument: number): void {
  reserve(out, 9);
  const type = major << 5;
  const { bytes } = out;
  let { at } = out;
  if (argument < 24) bytes[at++] = type | argument;
  else if (argument < 0x100) {
    bytes[at++] = type | 24;
    bytes[at++] = argument;
  } else if (argument < 0x1_0000) {
    bytes[at++] = type | 25;
    bytes[at++] = argument >> 8;
    bytes[at++] = argument & 0xff;
  } else {
    const isLong = argument >= 0x1_0000_0000;
    bytes[at++] = type | (isLong ? 27 : 26);
    if (isLong) at = writeUint32(bytes, at, Math.floor(argument / 0x1_0000_0000));
    at = writeUint32(bytes, at, argument >>> 0);
  }
  out.at = at;
}

function writeUint32(bytes: Bytes, from: number, value: number): number {
  bytes[from] = value >>> 24;
  bytes[from + 1] = value >>> 16;
  bytes[from + 2] = value >>> 8;
  bytes[from + 3] = value;
  return from + 4;
}

function writeRaw(out: Writer, raw: Uint8Array): void {
  reserve(out, raw.length);
  out.bytes.set(raw, out.at);
  out.at += raw.length;
}

function reserve(out: Writer, length: number): void {
  const needed = out.at + length;
  if (needed <= out.bytes.length) return;
  const grown = new Uint8Array(Math.max(needed, out.bytes.length * 2));
  grown.set(out.bytes.subarray(0, out.at));
  out.bytes = grown;
}
