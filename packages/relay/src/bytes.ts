import { RelayError } from "./error.ts";

/** The one byte type: a byte array over memory of its own. */
export type Bytes = Uint8Array<ArrayBuffer>;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DIGITS: ReadonlyMap<string, number> = new Map(
  Array.from(ALPHABET, (digit, at) => [digit, at]),
);

/**
 * Writes bytes as base64url without padding, the form of every id in the gateway's addresses.
 *
 * @see RFC 4648 §5
 */
export function encodeBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
    text += digitAt(group >> 18) + digitAt(group >> 12);
    if (left > 1) text += digitAt(group >> 6);
    if (left > 2) text += digitAt(group);
  }
  return text;
}

/**
 * Reads base64url without padding, in its one canonical spelling.
 *
 * Two spellings of one id would be two rate limits and two mailboxes, so spare bits must be zero.
 *
 * @throws {RelayError} `BASE64URL_MALFORMED` for padding, other characters, an impossible length or spare bits.
 */
export function decodeBase64Url(text: string): Bytes {
  const spareDigits = text.length % 4;
  if (spareDigits === 1) throw malformed();
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let heldBits = 0;
  let written = 0;
  for (const character of text) {
    const digit = DIGITS.get(character);
    if (digit === undefined) throw malformed();
    held = ((held << 6) | digit) & 0xffff;
    heldBits += 6;
    if (heldBits < 8) continue;
    heldBits -= 8;
    bytes[written++] = held >> heldBits;
  }
  if ((held & ((1 << heldBits) - 1)) !== 0) throw malformed();
  return bytes;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function digitAt(value: number): string {
  return ALPHABET.charAt(value & 63);
}

function malformed(): RelayError {
  return new RelayError("BASE64URL_MALFORMED", "not base64url without padding");
}

/**
 * Copies a part of a byte array.
 *
 * `slice` will not do: on Node's `Buffer` it is a view, and would keep a whole message alive or change under its holder.
 */
export function copyBytes(bytes: Uint8Array, start: number, end: number = bytes.length): Bytes {
  return new Uint8Array(bytes.subarray(start, end));
}
