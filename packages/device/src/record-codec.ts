import {
  CoseError,
  decodeCbor,
  encodeCbor,
  isCborArray,
  isCborMap,
  type Bytes,
  type CborMap,
  type CborValue,
} from "@siphms/cose";
import { corrupt } from "./sealed-store.ts";

/** Larger than any entry: a whole item and its sealed form. */
const MAX_RECORD_BYTES = 131_072;

/**
 * Encodes the members of a stored entry, leaving out those that are `undefined`. Stored entries are deterministic
 * CBOR like everything else.
 */
export function encodeRecord(
  ...members: readonly (readonly [number, CborValue | undefined])[]
): Bytes {
  const map = new Map<number, CborValue>();
  for (const [key, value] of members) if (value !== undefined) map.set(key, value);
  return encodeCbor(map);
}

/**
 * Decodes a stored entry.
 *
 * @throws {DeviceError} `STORE_CORRUPT`.
 */
export function decodeRecord(plain: Uint8Array): CborMap {
  try {
    const value = decodeCbor(plain, { maxBytes: MAX_RECORD_BYTES });
    if (isCborMap(value)) return value;
  } catch (error) {
    if (error instanceof CoseError) throw corrupt(error);
    throw error;
  }
  throw corrupt();
}

/** A byte string member. @throws {DeviceError} `STORE_CORRUPT`. */
export function bytesOf(value: CborValue | undefined): Bytes {
  if (value instanceof Uint8Array) return value;
  throw corrupt();
}

/** A text member. @throws {DeviceError} `STORE_CORRUPT`. */
export function textOf(value: CborValue | undefined): string {
  if (typeof value === "string") return value;
  throw corrupt();
}

/** A whole number member. @throws {DeviceError} `STORE_CORRUPT`. */
export function numberOf(value: CborValue | undefined): number {
  if (typeof value === "number") return value;
  throw corrupt();
}

/** An array member. @throws {DeviceError} `STORE_CORRUPT`. */
export function arrayOf(value: CborValue | undefined): readonly CborValue[] {
  if (isCborArray(value)) return value;
  throw corrupt();
}

/** A text member out of a closed set. @throws {DeviceError} `STORE_CORRUPT`. */
export function oneOf<T extends string>(value: CborValue | undefined, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw corrupt();
  return found;
}
