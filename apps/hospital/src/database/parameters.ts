import type { SqlValue } from "./database.ts";

/** OID of `bytea`, which the binary form of an array names. */
const BYTEA_OID = 17;
/** Texts that stand in an array's text form as they are: ids, codes, hexadecimal. `null` unquoted would be NULL. */
const NEEDS_NO_QUOTES = /^[\w:.-]+$/;

/**
 * A parameter as the driver sends it.
 *
 * Arrays of byte strings go in PostgreSQL's binary form: in its text form each byte takes two digits, and writing and
 * reading them was a third of what storing a group cost. The driver sends every Buffer as binary, and `$1::bytea[]`
 * tells the server what is in it. Other arrays go as text that is made here, since the driver quotes every number.
 */
export function toParameter(value: SqlValue): unknown {
  if (value instanceof Uint8Array) return toBuffer(value);
  if (!Array.isArray(value)) return value;
  const items: readonly (string | number | boolean | Uint8Array | null)[] = value;
  return isBytesArray(items) ? encodeBytesArray(items) : encodeTextArray(items);
}

/** An array of only NULLs says nothing of its type: it goes as text, which fits every type. */
function isBytesArray(
  items: readonly (string | number | boolean | Uint8Array | null)[],
): items is readonly (Uint8Array | null)[] {
  return items.find((item) => item !== null) instanceof Uint8Array;
}

/** One dimension, lower bound 1; each element with its length in front, −1 for NULL (PostgreSQL's `array_send`). */
function encodeBytesArray(items: readonly (Uint8Array | null)[]): Buffer {
  const size = items.reduce((sum, item) => sum + 4 + (item?.length ?? 0), 20);
  const out = Buffer.allocUnsafe(size);
  out.writeInt32BE(1, 0);
  out.writeInt32BE(items.includes(null) ? 1 : 0, 4);
  out.writeInt32BE(BYTEA_OID, 8);
  out.writeInt32BE(items.length, 12);
  out.writeInt32BE(1, 16);
  let at = 20;
  for (const item of items) {
    at = out.writeInt32BE(item?.length ?? -1, at);
    if (item === null) continue;
    out.set(item, at);
    at += item.length;
  }
  return out;
}

function encodeTextArray(
  items: readonly (string | number | boolean | Uint8Array | null)[],
): string {
  return `{${items.map(encodeElement).join(",")}}`;
}

function encodeElement(item: string | number | boolean | Uint8Array | null): string {
  if (item === null) return "NULL";
  if (item instanceof Uint8Array) throw new TypeError("values: an array of bytes and others");
  if (typeof item !== "string") return String(item);
  if (NEEDS_NO_QUOTES.test(item) && item.toLowerCase() !== "null") return item;
  return `"${item.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A view, not a copy: the driver takes bytes only as a Buffer. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
