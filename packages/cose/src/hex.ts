import type { Bytes } from "./bytes.ts";
import { CoseError } from "./cose-error.ts";

/** Writes bytes as lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX_OF_BYTE[byte] ?? "";
  return text;
}

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/**
 * Reads hex, of either case, without separators.
 *
 * @throws {CoseError} `HEX_MALFORMED` for any other character or half a byte.
 */
export function fromHex(text: string): Bytes {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new CoseError("HEX_MALFORMED", "Not hex: wrong character or half a byte.");
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
