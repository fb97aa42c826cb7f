import { decodeCbor, encodeCbor, isCborArray, type Bytes } from "@siphms/cose";

/** The same bytes with one bit changed at this place; which bit depends on the place, so that all eight have their turn. */
export function flip(bytes: Bytes, at: number): Bytes {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
  return flipped;
}

/** One copy for each place, with one bit changed there. */
export function flips(bytes: Bytes): Bytes[] {
  return Array.from(bytes, (_, at) => flip(bytes, at));
}

/** The same bytes with one more behind and before, and cut to each shorter length that is left at all. */
export function cutAndExtended(bytes: Bytes): Bytes[] {
  const cut = Array.from({ length: bytes.length - 1 }, (_, index) => bytes.slice(0, index + 1));
  return [Uint8Array.of(...bytes, 0), Uint8Array.of(0, ...bytes), ...cut];
}

/** The same bytes with one more behind or before, without the last, and nothing but the first. */
export function cutOrExtended(bytes: Bytes): Bytes[] {
  return [...cutAndExtended(bytes).slice(0, 2), bytes.slice(0, -1), bytes.slice(0, 1)];
}

/** The protected header of one envelope in front of the ciphertext of another. */
export function splice(header: Bytes, ciphertext: Bytes): Bytes {
  const [protectedBytes, unprotected] = members(header);
  return encodeCbor([protectedBytes!, unprotected!, members(ciphertext)[2]!]);
}

function members(envelope: Bytes) {
  const value = decodeCbor(envelope);
  if (!isCborArray(value)) throw new TypeError("envelope: not one");
  return value;
}
