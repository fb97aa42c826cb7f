import {
  entryBundlePath,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  type Bytes,
  type EntryBundlePlace,
  type Tile,
  type TileSource,
} from "@siphms/tlog";

/** Where a log is read from, by the paths of tlog-tiles: an exported folder, or a running hospital. */
export interface LogSource {
  /** The file at a path below the log's prefix; `undefined` where there is none. */
  read(path: string): Promise<Bytes | undefined>;
}

/** Paths of a log beside its tiles and entry bundles. */
export const LOG_PATHS = {
  /** The newest checkpoint, with the cosignatures that it has so far. */
  checkpoint: "checkpoint",
  /** The newest checkpoint that every witness has cosigned; absent where there is none. */
  witnessed: "checkpoint.witnessed",
  /** Whose signatures count: tlog-policy. */
  policy: "policy",
} as const;

/** The newest checkpoint of at most this size, where the source keeps older ones. */
export function olderCheckpointPath(size: number): string {
  return `${LOG_PATHS.checkpoint}/${size}`;
}

/** A place in the row of tiles or bundles as it was asked for. */
interface Asked {
  readonly index: number;
  readonly width: number;
}

/**
 * The tiles of a log whose tree has this size: each is read as wide as that tree has it, so that one stored form
 * serves every smaller tree too.
 */
export function tilesOf(source: LogSource, treeSize: number): TileSource {
  const readTile = async (tile: Tile): Promise<Bytes> => {
    const whole = { ...tile, width: Math.max(tile.width, tileWidth(tile, treeSize)) };
    const bytes = await readGrown(source, whole, (at) => tilePath({ ...at, level: tile.level }));
    // Too narrow for whoever asked, who then says so.
    return bytes ?? new Uint8Array();
  };
  return { readTiles: (tiles) => Promise.all(tiles.map(readTile)) };
}

/** A bundle, perhaps wider than asked for when the log has grown since; `undefined` where there is none. */
export async function readBundle(
  source: LogSource,
  place: EntryBundlePlace,
): Promise<Bytes | undefined> {
  return readGrown(source, place, entryBundlePath);
}

/** The first entries of a bundle, up to `width`: fewer where it is cut off. */
export function entriesOf(bundle: Bytes, width: number): readonly Bytes[] {
  const entries: Bytes[] = [];
  let at = 0;
  while (entries.length < width && at + 2 <= bundle.length) {
    const end = at + 2 + (((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0));
    if (end > bundle.length) break;
    entries.push(bundle.slice(at + 2, end));
    at = end;
  }
  return entries;
}

/** All bundles of a tree of this size, from the first on. */
export function* bundlePlaces(treeSize: number): Generator<EntryBundlePlace, void, undefined> {
  for (let index = 0; index * TILE_WIDTH < treeSize; index++) {
    yield { index, width: tileWidth({ level: 0, index }, treeSize) };
  }
}

/** All tiles of a tree of this size, level by level. */
export function* tilePlaces(treeSize: number): Generator<Tile, void, undefined> {
  for (let level = 0, hashes = treeSize; hashes > 0; level++) {
    for (let index = 0; index * TILE_WIDTH < hashes; index++) {
      yield { level, index, width: tileWidth({ level, index }, treeSize) };
    }
    hashes = Math.floor(hashes / TILE_WIDTH);
  }
}

/** A log may drop a partial tile once the full one is there (tlog-tiles, "Partial Tiles"). */
async function readGrown(
  source: LogSource,
  place: Asked,
  pathOf: (place: Asked) => string,
): Promise<Bytes | undefined> {
  for (const width of new Set([place.width, TILE_WIDTH])) {
    const bytes = await source.read(pathOf({ index: place.index, width }));
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}
