import { fromBase64 } from "./base64.ts";
import type { Bytes } from "./bytes.ts";
import { HASH_BYTES } from "./hash.ts";

/**
 * Reads a whole number as the C2SP formats write it: ASCII decimal without sign and leading zeros.
 *
 * @returns `undefined` for any other text, and for numbers from 2^53 on: no log of this project grows as large.
 */
export function parseDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Reads the base64 of exactly one hash; `undefined` for any other text. */
export function parseHash(text: string): Bytes | undefined {
  const hash = fromBase64(text);
  return hash?.length === HASH_BYTES ? hash : undefined;
}

/** Reads UTF-8 as it stands, a byte order mark included; `undefined` when it is none. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder's own error says nothing but that it is no UTF-8.
    return undefined;
  }
}

/** Writes UTF-8. Lone surrogates, which have none, are for the caller to refuse ({@link hasLoneSurrogate}). */
export function toUtf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Whether a text has half a surrogate pair, and therefore no UTF-8 of its own. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/**
 * Splits lines off the top of a text up to its first empty line.
 *
 * @returns The lines without newlines, and what follows the empty line; `undefined` when there is no empty line.
 */
export function splitAtEmptyLine(
  text: string,
): { readonly lines: readonly string[]; readonly rest: string } | undefined {
  const at = text.indexOf("\n\n");
  if (at < 0) return undefined;
  return { lines: text.slice(0, at).split("\n"), rest: text.slice(at + 2) };
}
