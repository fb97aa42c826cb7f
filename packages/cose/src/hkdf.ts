import { concatBytes, type Bytes } from "./bytes.ts";

const HASH_BYTES = 32;
/** The block counter is one byte. */
const MAX_BYTES = 255 * HASH_BYTES;

/**
 * HKDF-Expand with SHA-256 over an adapter's own HMAC: neither WebCrypto nor node:crypto offers Expand
 * without Extract before it.
 *
 * @param hmac - HMAC-SHA-256 under the pseudorandom key.
 * @param length - 0 to 8160 bytes.
 * @throws {RangeError} For another length.
 * @see RFC 5869 §2.3
 */
export async function hkdfExpandWith(
  hmac: (data: Uint8Array) => Promise<Bytes>,
  info: Uint8Array,
  length: number,
): Promise<Bytes> {
  if (!Number.isInteger(length) || length < 0 || length > MAX_BYTES) {
    throw new RangeError("length: not within 0 to 8160 bytes");
  }
  const output = new Uint8Array(length);
  let block: Bytes = new Uint8Array(0);
  for (let at = 0, counter = 1; at < length; at += HASH_BYTES, counter++) {
    block = await hmac(concatBytes(block, info, Uint8Array.of(counter)));
    output.set(block.subarray(0, length - at), at);
  }
  return output;
}
