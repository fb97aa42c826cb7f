import { asBytes, type Bytes } from "./bytes.ts";
import {
  compareCborKeys,
  DEFAULT_CBOR_LIMITS,
  type CborKey,
  type CborLimits,
  type CborMap,
  type CborValue,
} from "./cbor-value.ts";
import { CoseError } from "./cose-error.ts";

/** One item of a CBOR sequence, with its bytes as they came. */
export interface CborSequenceItem {
  readonly value: CborValue;
  /** Exactly the bytes that encoded {@link CborSequenceItem.value}: what is hashed and signed. */
  readonly raw: Bytes;
}

/**
 * Decodes exactly one item of deterministic CBOR; whatever has a second encoding is refused, so
 * `encodeCbor(decodeCbor(x))` is `x`.
 *
 * Byte strings in the result are copies: they neither alias the input nor keep it alive.
 *
 * @param limits - Members that differ from {@link DEFAULT_CBOR_LIMITS}.
 * @throws {CoseError} `CBOR_LIMIT` when the input is longer, deeper or wider than the limits;
 *   `CBOR_MALFORMED` for anything else that the protocol does not take, bytes behind the item included.
 * @see RFC 8949 §4.2.1
 */
export function decodeCbor(input: Uint8Array, limits?: Partial<CborLimits>): CborValue {
  const cursor = openCursor(input, limits);
  const value = readItem(cursor, 1);
  if (cursor.at !== cursor.bytes.length) throw malformed("bytes behind the item");
  return value;
}

/**
 * Decodes a CBOR sequence: any number of items, each as strict as in {@link decodeCbor}.
 *
 * @param limits - As in {@link decodeCbor}; depth and items count anew in each item of the sequence.
 * @returns The items in order; none for an empty input.
 * @throws {CoseError} `CBOR_LIMIT` or `CBOR_MALFORMED`, as in {@link decodeCbor}.
 * @see RFC 8742
 */
export function decodeCborSequence(
  input: Uint8Array,
  limits?: Partial<CborLimits>,
): readonly CborSequenceItem[] {
  const cursor = openCursor(input, limits);
  const items: CborSequenceItem[] = [];
  while (cursor.at < cursor.bytes.length) {
    const from = cursor.at;
    const value = readItem(cursor, 1);
    items.push({ value, raw: cursor.bytes.slice(from, cursor.at) });
  }
  return items;
}

/** A place in the input. */
interface Cursor {
  readonly bytes: Bytes;
  readonly limits: CborLimits;
  at: number;
}

/** Texts up to this length are read byte by byte when they are ASCII: a TextDecoder call costs more. */
const SHORT_TEXT_BYTES = 48;
/** Without `ignoreBOM` a leading U+FEFF would vanish, and two texts would decode alike. */
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function openCursor(input: Uint8Array, limits: Partial<CborLimits> | undefined): Cursor {
  const all = limits === undefined ? DEFAULT_CBOR_LIMITS : { ...DEFAULT_CBOR_LIMITS, ...limits };
  if (input.length > all.maxBytes) throw limit("input too long");
  // A plain view, because Node's Buffer overrides `slice` with one that does not copy. Not of what is plain already: asking
  // a short array for its buffer makes the engine move it.
  const bytes = isPlain(input)
    ? input
    : asBytes(new Uint8Array(input.buffer, input.byteOffset, input.length));
  return { bytes, limits: all, at: 0 };
}

function isPlain(input: Uint8Array): input is Bytes {
  return Object.getPrototypeOf(input) === Uint8Array.prototype;
}

function readItem(cursor: Cursor, depth: number): CborValue {
  const initial = readByte(cursor);
  const major = initial >> 5;
  if (major === 7) return readSimple(initial);
  const argument = readArgument(cursor, initial & 31);
  switch (major) {
    case 0:
      return argument;
    case 1:
      if (argument === Number.MAX_SAFE_INTEGER) throw malformed("integer beyond ±(2^53−1)");
      return -1 - argument;
    case 2:
      return cursor.bytes.slice(cursor.at, advance(cursor, argument));
    case 3:
      return readText(cursor, argument);
    case 4:
      return readArray(cursor, argument, depth);
    case 5:
      return readMap(cursor, argument, depth);
    default:
      throw malformed("tag");
  }
}

function readSimple(initial: number): boolean | null {
  if (initial === 0xf4) return false;
  if (initial === 0xf5) return true;
  if (initial === 0xf6) return null;
  throw malformed("float, or a simple value other than false, true and null");
}

/** RFC 8949 §3: the argument of a head, refused unless it stands in the shortest form. */
function readArgument(cursor: Cursor, info: number): number {
  if (info < 24) return info;
  if (info > 27) throw malformed("indefinite length or reserved head");
  if (info === 24) {
    const byte = readByte(cursor);
    if (byte < 24) throw malformed("head not in its shortest form");
    return byte;
  }
  const width = 1 << (info - 24);
  let argument = 0;
  for (let i = 0; i < width; i++) argument = argument * 256 + readByte(cursor);
  const leastForWidth = 256 ** (width / 2);
  if (argument < leastForWidth) throw malformed("head not in its shortest form");
  // Beyond 2^53 the sum is rounded, but never back below it.
  if (argument > Number.MAX_SAFE_INTEGER) throw malformed("integer beyond ±(2^53−1)");
  return argument;
}

function readText(cursor: Cursor, length: number): string {
  const from = cursor.at;
  const to = advance(cursor, length);
  return (
    (length <= SHORT_TEXT_BYTES ? asciiText(cursor.bytes, from, to) : undefined) ??
    utf8Text(cursor.bytes.subarray(from, to))
  );
}

function asciiText(bytes: Uint8Array, from: number, to: number): string | undefined {
  let text = "";
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function utf8Text(bytes: Uint8Array): string {
  try {
    return utf8Decoder.decode(bytes);
  } catch (cause) {
    throw malformed("text that is not UTF-8", cause);
  }
}

function readArray(cursor: Cursor, length: number, depth: number): readonly CborValue[] {
  checkContainer(cursor, length, depth);
  // Made as long as it says it is, which its bytes have to make true: growing it leaves twice as much behind.
  if (length > cursor.bytes.length - cursor.at) throw malformed("input ends early");
  const items = new Array<CborValue>(length);
  for (let i = 0; i < length; i++) items[i] = readItem(cursor, depth + 1);
  return items;
}

function readMap(cursor: Cursor, size: number, depth: number): CborMap {
  checkContainer(cursor, size, depth);
  const map = new Map<CborKey, CborValue>();
  let previous: CborKey | undefined;
  for (let i = 0; i < size; i++) {
    const key = readItem(cursor, depth + 1);
    if (typeof key !== "number" && typeof key !== "string") throw malformed("map key of this type");
    // Strictly rising order leaves no room for the same key twice.
    if (previous !== undefined && compareCborKeys(previous, key) >= 0) {
      throw malformed("map keys not in order");
    }
    map.set(key, readItem(cursor, depth + 1));
    previous = key;
  }
  return map;
}

function checkContainer(cursor: Cursor, items: number, depth: number): void {
  if (depth > cursor.limits.maxDepth) throw limit("nested too deep");
  if (items > cursor.limits.maxItems) throw limit("too many items");
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw malformed("input ends early");
  cursor.at++;
  return byte;
}

/** Moves over `length` bytes and returns the new place. */
function advance(cursor: Cursor, length: number): number {
  if (length > cursor.bytes.length - cursor.at) throw malformed("input ends early");
  cursor.at += length;
  return cursor.at;
}

function malformed(what: string, cause?: unknown): CoseError {
  const message = `Not deterministic CBOR as the protocol has it: ${what}.`;
  return new CoseError("CBOR_MALFORMED", message, cause === undefined ? {} : { cause });
}

function limit(what: string): CoseError {
  return new CoseError("CBOR_LIMIT", `CBOR beyond the limits: ${what}.`);
}
