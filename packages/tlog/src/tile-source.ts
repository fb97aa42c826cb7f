import type { Bytes } from "./bytes.ts";
import { HASH_BYTES } from "./hash.ts";
import { joinSubtrees, subtreeHash, subtreesOf, tileOf, type LeafRange } from "./subtree.ts";
import { TILE_WIDTH, tilePath, type Tile } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";

/** Where stored tiles are read from: a database, a folder, another log's server. */
export interface TileSource {
  /**
   * Reads tiles, in the order asked for.
   *
   * What it gives for a partial tile may be wider than asked: a tile only grows, so the front of a
   * later one is the same.
   */
  readTiles(tiles: readonly Tile[]): Promise<readonly Bytes[]>;
}

/**
 * The Merkle tree hashes of ranges of a tree's entries, from its tiles, which are all read in one go.
 *
 * @throws {TlogError} `TILE_MALFORMED` when the source gives too few tiles or hashes.
 */
export async function hashRanges(
  ranges: readonly LeafRange[],
  treeSize: number,
  source: TileSource,
): Promise<readonly Bytes[]> {
  const wanted = new Map<string, Tile>();
  for (const subtree of ranges.flatMap(subtreesOf)) {
    const tile = tileOf(subtree, treeSize);
    wanted.set(tilePath(tile), tile);
  }
  const bytesOf = await readAll(wanted, source);
  return ranges.map((range) => {
    const hashes = subtreesOf(range).map((subtree) => {
      const bytes = bytesOf.get(tilePath(tileOf(subtree, treeSize)));
      if (bytes === undefined) throw new RangeError("ranges lie within the tree.");
      return subtreeHash(subtree, bytes);
    });
    const hash = joinSubtrees(hashes);
    if (hash === undefined) throw new RangeError("ranges are not empty.");
    return hash;
  });
}

/**
 * Reads tiles and cuts each to the width asked for.
 *
 * @throws {TlogError} `TILE_MALFORMED` when the source gives too few tiles or hashes, or half a hash.
 */
export async function readTiles(
  tiles: readonly Tile[],
  source: TileSource,
): Promise<readonly Bytes[]> {
  if (tiles.length === 0) return [];
  const found = await source.readTiles(tiles);
  if (found.length !== tiles.length) throw malformed("another number of tiles than asked for");
  return tiles.map(({ width }, at) => {
    const bytes = found[at] ?? new Uint8Array();
    if (bytes.length % HASH_BYTES !== 0) throw malformed("half a hash");
    if (bytes.length > TILE_WIDTH * HASH_BYTES) throw malformed("wider than a full tile");
    if (bytes.length < width * HASH_BYTES) throw malformed("narrower than the tree makes it");
    return bytes.slice(0, width * HASH_BYTES);
  });
}

async function readAll(
  wanted: ReadonlyMap<string, Tile>,
  source: TileSource,
): Promise<ReadonlyMap<string, Bytes>> {
  const paths = [...wanted.keys()];
  const found = await readTiles([...wanted.values()], source);
  return new Map(found.map((bytes, at) => [paths[at] ?? "", bytes]));
}

function malformed(what: string): TlogError {
  return new TlogError("TILE_MALFORMED", `A tile is refused: ${what}.`);
}
