import type { Bytes } from "./bytes.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SEXTETS: ReadonlyMap<string, number> = new Map(
  Array.from(ALPHABET, (character, sextet) => [character, sextet]),
);
const FORM = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Writes bytes as base64 with padding.
 *
 * @see RFC 4648 §4
 */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const held = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET.charAt(held >> 18) + ALPHABET.charAt((held >> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((held >> 6) & 63) : "=";
    text += left > 2 ? ALPHABET.charAt(held & 63) : "=";
  }
  return text;
}

/**
 * Reads base64 with padding, and only the one form of each byte string.
 *
 * @returns `undefined` for everything else: no padding, white space, another alphabet, spare bits that are not zero.
 * @see RFC 4648 §4, §3.5
 */
export function fromBase64(text: string): Bytes | undefined {
  if (!FORM.test(text)) return undefined;
  const digits = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const digit of digits) {
    held = (held << 6) | (SEXTETS.get(digit) ?? 0);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  return held === 0 ? bytes : undefined;
}
