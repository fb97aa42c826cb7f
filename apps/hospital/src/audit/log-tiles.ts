import {
  HASH_BYTES,
  rootOfEdge,
  TILE_WIDTH,
  type Bytes,
  type Tile,
  type TileSource,
} from "@siphms/tlog";
import { concatBytes } from "@siphms/cose";
import type { Queryable } from "../database/index.ts";

/** Roots of full tiles of one database's log, as they were first read: a full tile is never changed. */
export type TileRoots = Map<string, Bytes>;

/** 16 million entries; then the memory begins anew. */
const MAX_ROOTS = 65_536;

/**
 * The tiles of the audit log as it lies in the database: full ones are stored, the others are made of what is below them.
 *
 * Gives what is there, though it be less than was asked for: whoever reads tiles compares their hashes.
 *
 * @param roots - For whoever makes proofs again and again: a tile of the level above is some 65,000 hashes to make. Not for
 *   whoever asks whether the stored tiles are still those that were signed.
 */
export function createLogTiles(queryable: Queryable, roots: TileRoots = new Map()): TileSource {
  return {
    async readTiles(tiles) {
      const found: Bytes[] = [];
      for (const tile of tiles) found.push(await readTile(queryable, tile, roots));
      return found;
    },
  };
}

async function readTile(
  queryable: Queryable,
  { level, index, width }: Tile,
  roots: TileRoots,
): Promise<Bytes> {
  const { rows } = await queryable.query(
    "SELECT bytes FROM audit_tiles WHERE level = $1 AND idx = $2",
    [level, index],
  );
  const stored = rows[0]?.bytes("bytes");
  if (stored !== undefined) return stored.slice(0, width * HASH_BYTES);
  const from = index * TILE_WIDTH;
  const hashes =
    level === 0
      ? await readLeafHashes(queryable, { from, width })
      : await readTileRoots(queryable, { level: level - 1, from, width }, roots);
  return concatBytes(...hashes);
}

async function readLeafHashes(
  queryable: Queryable,
  { from, width }: { readonly from: number; readonly width: number },
): Promise<readonly Bytes[]> {
  const { rows } = await queryable.query(
    `SELECT sha256('\\x00'::bytea || coalesce(e.entry, '')) AS hash
     FROM audit_leaves l LEFT JOIN audit_events e ON e.id = l.event_id
     WHERE l.idx >= $1 AND l.idx < $2 ORDER BY l.idx`,
    [from, from + width],
  );
  return rows.map((row) => row.bytes("hash"));
}

async function readTileRoots(
  queryable: Queryable,
  range: { readonly level: number; readonly from: number; readonly width: number },
  roots: TileRoots,
): Promise<readonly Bytes[]> {
  const { level, from, width } = range;
  const places = Array.from({ length: width }, (_, at) => from + at);
  const keyOf = (index: number): string => `${String(level)} ${String(index)}`;
  const unknown = places.filter((index) => !roots.has(keyOf(index)));
  if (roots.size + unknown.length > MAX_ROOTS) roots.clear();
  const { rows } =
    unknown.length === 0
      ? { rows: [] }
      : await queryable.query(
          "SELECT idx, bytes FROM audit_tiles WHERE level = $1 AND idx = ANY($2::bigint[])",
          [level, unknown],
        );
  for (const row of rows) roots.set(keyOf(row.number("idx")), rootOfTile(row.bytes("bytes")));
  const found = places.map((index) => roots.get(keyOf(index)));
  // Behind a tile that is gone no hash has its place.
  const end = found.indexOf(undefined);
  return found.slice(0, end === -1 ? width : end).filter((root) => root !== undefined);
}

/** The root over a full tile's hashes: a tree of so many leaves is nothing else. */
function rootOfTile(bytes: Bytes): Bytes {
  const hashes = Array.from({ length: TILE_WIDTH }, (_, at) =>
    bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
  return rootOfEdge({ size: TILE_WIDTH, levels: [hashes] });
}
