import type { Bytes } from "./bytes.ts";
import { CoseError } from "./cose-error.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SEXTETS: ReadonlyMap<string, number> = new Map(
  Array.from(ALPHABET, (character, sextet) => [character, sextet]),
);

/**
 * Writes bytes as base64url without padding.
 *
 * @see RFC 4648 §5
 */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += ALPHABET.charAt((held >> (bits - 6)) & 63);
    held &= (1 << bits) - 1;
  }
  if (bits > 0) text += ALPHABET.charAt((held << (6 - bits)) & 63);
  return text;
}

/**
 * Reads base64url without padding, and only the one form of each byte string: padding, white space,
 * the `+/` alphabet and spare bits that are not zero are refused.
 *
 * @throws {CoseError} `BASE64URL_MALFORMED`
 * @see RFC 4648 §5, §3.5
 */
export function fromBase64Url(text: string): Bytes {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const char of text) {
    const sextet = SEXTETS.get(char);
    if (sextet === undefined) throw malformed("wrong character");
    held = (held << 6) | sextet;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  if (bits >= 6) throw malformed("a single character at the end");
  if (held !== 0) throw malformed("spare bits that are not zero");
  return bytes;
}

function malformed(what: string): CoseError {
  return new CoseError("BASE64URL_MALFORMED", `Not base64url without padding: ${what}.`);
}
