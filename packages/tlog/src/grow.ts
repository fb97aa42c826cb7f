import { joinBytes, type Bytes } from "./bytes.ts";
import { emptyRoot, HASH_BYTES } from "./hash.ts";
import { hashInTile, hashPerfect, joinSubtrees, subtreesOf } from "./subtree.ts";
import { checkTreeSize, partialTiles, TILE_WIDTH, type Tile } from "./tile.ts";
import { readTiles, type TileSource } from "./tile-source.ts";

/** The right edge of a tree: all that is needed to append to it and to tell its root. A value: appending gives the next one. */
export interface TreeEdge {
  readonly size: number;
  /** For each level from 0 on, the hashes of its last tile while that is partial; else none. */
  readonly levels: readonly (readonly Bytes[])[];
}

/** A tile with its bytes, to be stored. */
export interface StoredTile extends Tile {
  readonly bytes: Bytes;
}

/** The edge of the tree without entries. */
export const EMPTY_EDGE: TreeEdge = { size: 0, levels: [] };

/**
 * Reads the right edge of a stored tree, to go on appending to it.
 *
 * Whoever must trust it compares its {@link rootOfEdge} with a checkpoint of theirs.
 *
 * @throws {TlogError} `TILE_MALFORMED`
 */
export async function loadEdge(treeSize: number, source: TileSource): Promise<TreeEdge> {
  const tiles = partialTiles(treeSize);
  const found = await readTiles(tiles, source);
  const levels: Bytes[][] = Array.from({ length: (tiles.at(-1)?.level ?? -1) + 1 }, () => []);
  tiles.forEach(({ level, width }, at) => {
    const bytes = found[at] ?? new Uint8Array();
    levels[level] = Array.from({ length: width }, (_, place) => hashInTile(bytes, place));
  });
  return { size: treeSize, levels };
}

/**
 * Appends leaves to a tree.
 *
 * Store the tiles and the entries before a checkpoint of the new size is shown to anybody.
 *
 * @param leafHashes - What {@link hashLeaf} gives, in order; any number.
 * @returns The edge of the grown tree, and every tile that is new or wider than before: the full ones, and the
 *   partial ones at the end.
 * @throws {RangeError} When a leaf hash has not 32 bytes, or the tree would pass 2^53 − 1 entries.
 */
export function appendLeaves(
  edge: TreeEdge,
  leafHashes: readonly Bytes[],
): { readonly edge: TreeEdge; readonly tiles: readonly StoredTile[] } {
  if (leafHashes.some((hash) => hash.length !== HASH_BYTES)) {
    throw new RangeError("leafHashes are hashes of 32 bytes.");
  }
  const size = edge.size + leafHashes.length;
  checkTreeSize(size, "size");
  const levels: (readonly Bytes[])[] = [];
  const tiles: StoredTile[] = [];
  let added = leafHashes;
  for (let level = 0; level < edge.levels.length || added.length > 0; level++) {
    const row = [...(edge.levels[level] ?? []), ...added];
    let index = Math.floor(Math.floor(edge.size / TILE_WIDTH ** level) / TILE_WIDTH);
    const above: Bytes[] = [];
    let at = 0;
    for (; at + TILE_WIDTH <= row.length; at += TILE_WIDTH) {
      const full = row.slice(at, at + TILE_WIDTH);
      tiles.push({ level, index: index++, width: TILE_WIDTH, bytes: joinBytes(full) });
      above.push(hashPerfect(full));
    }
    const partial = row.slice(at);
    if (added.length > 0 && partial.length > 0) {
      tiles.push({ level, index, width: partial.length, bytes: joinBytes(partial) });
    }
    levels.push(partial);
    added = above;
  }
  return { edge: { size, levels }, tiles };
}

/**
 * The root of the tree that has this edge.
 *
 * @see RFC 6962 §2.1
 */
export function rootOfEdge({ size, levels }: TreeEdge): Bytes {
  const complete = [...levels].reverse().flatMap((row) => {
    // What the tiles above hold lies to the left, so that within a row the count alone says how it splits.
    const subtrees = subtreesOf({ start: 0, end: row.length });
    return subtrees.map(({ height, index }) => {
      const leaves = 2 ** height;
      return hashPerfect(row.slice(index * leaves, (index + 1) * leaves));
    });
  });
  const root = joinSubtrees(complete);
  if (root === undefined && size > 0) throw new RangeError("edge is the edge of its size.");
  return root ?? emptyRoot();
}
