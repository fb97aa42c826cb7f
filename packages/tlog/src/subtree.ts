import type { Bytes } from "./bytes.ts";
import { hashNode, HASH_BYTES } from "./hash.ts";
import { TILE_WIDTH, tileWidth, type Tile } from "./tile.ts";

/** Levels of the tree that one tile spans: 256 = 2^8. */
const TILE_HEIGHT = 8;

/** Entries from `start` up to but without `end`, whose Merkle tree hash is wanted. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** A complete subtree: the `index`-th of those with 2^`height` leaves. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** The largest power of two that is less than `count`; for `count` from 2 on. */
export function splitPoint(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/**
 * The complete subtrees that a range falls into, from left to right, largest first.
 *
 * Holds for every range that RFC 6962 hashes: its start is a multiple of a power of two that is no less than its length.
 */
export function subtreesOf({ start, end }: LeafRange): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  let at = start;
  while (at < end) {
    let height = 0;
    let leaves = 1;
    while (leaves * 2 <= end - at) {
      leaves *= 2;
      height++;
    }
    subtrees.push({ height, index: at / leaves });
    at += leaves;
  }
  return subtrees;
}

/** The hash over neighbouring complete subtrees, largest first: each is the left child of a node over it and all that follow. */
export function joinSubtrees(hashes: readonly Bytes[]): Bytes | undefined {
  return hashes.reduceRight<Bytes | undefined>(
    (right, left) => (right === undefined ? left : hashNode(left, right)),
    undefined,
  );
}

/** The tile in which a complete subtree's hash stands or from which it follows, as wide as the tree makes it. */
export function tileOf(subtree: Subtree, treeSize: number): Tile {
  const { level, firstHash } = placeInTiles(subtree);
  const index = Math.floor(firstHash / TILE_WIDTH);
  return { level, index, width: tileWidth({ level, index }, treeSize) };
}

/** A complete subtree's hash from the bytes of its tile. */
export function subtreeHash(subtree: Subtree, tileBytes: Bytes): Bytes {
  const { firstHash, hashCount } = placeInTiles(subtree);
  const from = firstHash % TILE_WIDTH;
  const hashes = Array.from({ length: hashCount }, (_, at) => hashInTile(tileBytes, from + at));
  return hashPerfect(hashes);
}

/** The hash at a place of a tile's bytes, as a copy. */
export function hashInTile(tileBytes: Bytes, at: number): Bytes {
  return tileBytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}

/** The root over 2^n hashes of one level. */
export function hashPerfect(hashes: readonly Bytes[]): Bytes {
  let row = hashes;
  while (row.length > 1) {
    const above: Bytes[] = [];
    for (let at = 0; at + 1 < row.length; at += 2) {
      const [left, right] = [row[at], row[at + 1]];
      if (left !== undefined && right !== undefined) above.push(hashNode(left, right));
    }
    row = above;
  }
  const [root] = row;
  if (root === undefined) throw new RangeError("hashes is not empty.");
  return root;
}

/** In which level of tiles a subtree's hashes stand, which is the first in that level's row, and how many they are. */
function placeInTiles({ height, index }: Subtree): {
  readonly level: number;
  readonly firstHash: number;
  readonly hashCount: number;
} {
  const hashCount = 2 ** (height % TILE_HEIGHT);
  return { level: Math.floor(height / TILE_HEIGHT), firstHash: index * hashCount, hashCount };
}
