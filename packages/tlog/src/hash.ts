import { sha256 as sha256Of } from "@noble/hashes/sha2.js";
import type { Bytes } from "./bytes.ts";

/** Length of every hash in a tree: SHA-256. */
export const HASH_BYTES = 32;

/** SHA-256, at once: a tree hashes millions of short inputs, for which a promise each costs more than the hash. */
export function sha256(data: Uint8Array): Bytes {
  return sha256Of(data);
}

/**
 * The root of the tree without entries: the hash of nothing.
 *
 * @see RFC 6962 §2.1
 */
export function emptyRoot(): Bytes {
  return sha256(new Uint8Array());
}

/**
 * The hash of one entry as a leaf of the tree.
 *
 * @see RFC 6962 §2.1
 */
export function hashLeaf(entry: Uint8Array): Bytes {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha256(input);
}

/**
 * The hash of a node over its two children, of {@link HASH_BYTES} bytes each.
 *
 * @throws {RangeError} When a child is no hash.
 * @see RFC 6962 §2.1
 */
export function hashNode(left: Uint8Array, right: Uint8Array): Bytes {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new RangeError("left and right are hashes of 32 bytes.");
  }
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}
