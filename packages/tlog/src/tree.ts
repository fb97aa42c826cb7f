import type { Bytes } from "./bytes.ts";
import { emptyRoot } from "./hash.ts";
import { splitPoint, type LeafRange } from "./subtree.ts";
import { checkTreeSize } from "./tile.ts";
import { hashRanges, type TileSource } from "./tile-source.ts";

/**
 * The root of a tree of any size up to that for which tiles are stored.
 *
 * @throws {TlogError} `TILE_MALFORMED`
 * @see RFC 6962 §2.1
 */
export async function rootFromTiles(treeSize: number, source: TileSource): Promise<Bytes> {
  checkTreeSize(treeSize, "treeSize");
  if (treeSize === 0) return emptyRoot();
  const [root] = await hashRanges([{ start: 0, end: treeSize }], treeSize, source);
  if (root === undefined) throw new RangeError("One range has one hash.");
  return root;
}

/**
 * Makes the proof that an entry is in the tree: the hashes beside the way from its leaf up to the root.
 *
 * Tiles are not checked against a root: a proof from altered tiles fails when it is verified.
 *
 * @param place - The entry's index, and the size of the tree, which is larger.
 * @returns From the leaf's sibling upwards; at most 53 hashes.
 * @throws {TlogError} `TILE_MALFORMED`
 * @throws {RangeError} When there is no such entry.
 * @see RFC 6962 §2.1.1
 */
export async function proveInclusion(
  place: { readonly index: number; readonly treeSize: number },
  source: TileSource,
): Promise<readonly Bytes[]> {
  const { index, treeSize } = place;
  checkTreeSize(index, "index");
  checkTreeSize(treeSize, "treeSize");
  if (index >= treeSize) throw new RangeError("index is less than treeSize.");
  return hashRanges(inclusionRanges(index, treeSize), treeSize, source);
}

/**
 * Makes the proof that an older tree is the front of a newer one.
 *
 * @param sizes - Of both trees, the older no larger than the newer.
 * @returns Empty when the sizes are the same, or the older tree is empty; at most 54 hashes.
 * @throws {TlogError} `TILE_MALFORMED`
 * @throws {RangeError} When the older tree is the larger one.
 * @see RFC 6962 §2.1.2
 */
export async function proveConsistency(
  sizes: { readonly oldSize: number; readonly newSize: number },
  source: TileSource,
): Promise<readonly Bytes[]> {
  const { oldSize, newSize } = sizes;
  checkTreeSize(oldSize, "oldSize");
  checkTreeSize(newSize, "newSize");
  if (oldSize > newSize) throw new RangeError("oldSize is at most newSize.");
  // RFC 6962 has no proof from the empty tree; in C2SP's protocols it is an empty one.
  if (oldSize === 0) return [];
  return hashRanges(consistencyRanges(oldSize, newSize), newSize, source);
}

/** PATH(m, D[n]) of RFC 6962 §2.1.1 as ranges, from the leaf upwards. */
function inclusionRanges(index: number, treeSize: number): readonly LeafRange[] {
  const ranges: LeafRange[] = [];
  let [start, end] = [0, treeSize];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** SUBPROOF(m, D[n], true) of RFC 6962 §2.1.2 as ranges, from the bottom upwards. */
function consistencyRanges(oldSize: number, newSize: number): readonly LeafRange[] {
  const ranges: LeafRange[] = [];
  let [start, end] = [0, newSize];
  while (oldSize < end) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // The older tree's own root stands for the whole left edge; the verifier has it already.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}
