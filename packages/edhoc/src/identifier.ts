import type { Bytes, CborSequenceItem } from "@siphms/cose";
import { encodeCbor } from "@siphms/cose";
import { EdhocError } from "./edhoc-error.ts";

/** Length of the connection identifiers that we choose (protocol section 5). */
export const CONNECTION_ID_BYTES = 8;

/**
 * Encodes a byte string identifier: C_I, C_R, or a kid inside a plaintext.
 *
 * A single byte that is itself the encoding of an integer in -24..23 stands for itself, all else is a bstr.
 *
 * @see RFC 9528 §3.3.2
 */
export function encodeIdentifier(identifier: Bytes): Bytes {
  return standsForItself(identifier) ? identifier : encodeCbor(identifier);
}

/**
 * Reads what {@link encodeIdentifier} wrote, and only that: one identifier has one form on the wire.
 *
 * @throws {EdhocError} `EDHOC_MALFORMED` for other integers, other types, and a bstr where the short form is due.
 */
export function parseIdentifier(item: CborSequenceItem | undefined): Bytes {
  if (typeof item?.value === "number" && item.raw.length === 1) return item.raw;
  if (item?.value instanceof Uint8Array && !standsForItself(item.value)) return item.value;
  throw new EdhocError("EDHOC_MALFORMED", "byte string identifier");
}

function standsForItself(identifier: Uint8Array): boolean {
  const [byte, ...more] = identifier;
  return (
    byte !== undefined && more.length === 0 && (byte <= 0x17 || (byte >= 0x20 && byte <= 0x37))
  );
}
