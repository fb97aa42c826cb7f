import { TlogError } from "./tlog-error.ts";
import { parseDecimal } from "./text.ts";

/** How many hashes or entries a full tile or bundle holds. */
export const TILE_WIDTH = 256;

/** The highest level that the format has a name for; a tree of 2^53 entries needs no more than level 6. */
export const MAX_TILE_LEVEL = 63;

/**
 * Where a tile of hashes stands in a tree, and how much of it is filled.
 *
 * Level 0 holds leaf hashes; each hash of a higher level is the root over one full tile below.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 1 to {@link TILE_WIDTH}; less than that is a partial tile. */
  readonly width: number;
}

/** Where a bundle of entries stands: beside the tile of level 0 with the same index and width. */
export interface EntryBundlePlace {
  readonly index: number;
  /** 1 to {@link TILE_WIDTH}. */
  readonly width: number;
}

/**
 * The path of a tile below a log's prefix, such as `tile/0/x001/x234/067` or `tile/1/000.p/17`.
 *
 * @throws {RangeError} When a number is outside the format's bounds.
 * @see tlog-tiles, "Merkle Tree"
 */
export function tilePath(tile: Tile): string {
  checkPlace(tile);
  if (!isIndex(tile.level) || tile.level > MAX_TILE_LEVEL) {
    throw new RangeError("level is a whole number from 0 to 63.");
  }
  return `tile/${tile.level}/${indexPath(tile)}`;
}

/**
 * The path of an entry bundle below a log's prefix, such as `tile/entries/x001/234`.
 *
 * @throws {RangeError} When a number is outside the format's bounds.
 * @see tlog-tiles, "Log entries"
 */
export function entryBundlePath(place: EntryBundlePlace): string {
  checkPlace(place);
  return `tile/entries/${indexPath(place)}`;
}

/**
 * Reads a tile's path, in its one form.
 *
 * @throws {TlogError} `TILE_PATH_MALFORMED`
 */
export function parseTilePath(path: string): Tile {
  const [, levelText = "", rest = ""] = /^tile\/([0-9]{1,2})\/(.*)$/s.exec(path) ?? [];
  const level = parseDecimal(levelText);
  if (level === undefined || level > MAX_TILE_LEVEL) throw malformed();
  return { level, ...parseIndexPath(rest) };
}

/**
 * Reads an entry bundle's path, in its one form.
 *
 * @throws {TlogError} `TILE_PATH_MALFORMED`
 */
export function parseEntryBundlePath(path: string): EntryBundlePlace {
  const [, rest = ""] = /^tile\/entries\/(.*)$/s.exec(path) ?? [];
  return parseIndexPath(rest);
}

/**
 * How many hashes the tile has in a tree of this size; 0 when it is not there yet.
 *
 * @see tlog-tiles, "Partial Tiles"
 */
export function tileWidth(place: Pick<Tile, "level" | "index">, treeSize: number): number {
  const hashes = Math.floor(treeSize / TILE_WIDTH ** place.level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - place.index * TILE_WIDTH));
}

/**
 * The tiles that a tree of this size ends with: the rightmost of each level that is partly filled.
 *
 * From these and new leaves the tree grows; its root follows from them alone.
 *
 * @returns From level 0 upwards; levels whose last tile is full or absent are left out.
 */
export function partialTiles(treeSize: number): readonly Tile[] {
  checkTreeSize(treeSize, "treeSize");
  const tiles: Tile[] = [];
  for (let level = 0, hashes = treeSize; hashes > 0; level++) {
    const width = hashes % TILE_WIDTH;
    const index = Math.floor(hashes / TILE_WIDTH);
    if (width > 0) tiles.push({ level, index, width });
    hashes = index;
  }
  return tiles;
}

/**
 * Refuses a size or an index that is no whole number from 0 to 2^53 − 1.
 *
 * @throws {RangeError} Naming the argument.
 */
export function checkTreeSize(size: number, argument: string): void {
  if (!isIndex(size)) throw new RangeError(`${argument} is a whole number from 0 to 2^53 - 1.`);
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function checkPlace(place: EntryBundlePlace): void {
  if (!isIndex(place.index)) throw new RangeError("index is a whole number from 0 to 2^53 - 1.");
  if (!isIndex(place.width) || place.width < 1 || place.width > TILE_WIDTH) {
    throw new RangeError("width is a whole number from 1 to 256.");
  }
}

/** Three digits for each part of the path, all parts but the last marked, so that no file has the name of a folder. */
function indexPath({ index, width }: EntryBundlePlace): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const path = padded.replace(/[0-9]{3}(?=[0-9])/g, "x$&/");
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

function parseIndexPath(path: string): EntryBundlePlace {
  const match = /^((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (match === null) throw malformed();
  const [, parts = "", widthText = String(TILE_WIDTH)] = match;
  const index = Number(parts.replace(/[x/]/g, ""));
  const width = parseDecimal(widthText) ?? 0;
  if (!isIndex(index) || width < 1 || width > TILE_WIDTH) throw malformed();
  // A superfluous x000 and the full width written out are two more names for one tile.
  if (indexPath({ index, width }) !== path) throw malformed();
  return { index, width };
}

function malformed(): TlogError {
  return new TlogError("TILE_PATH_MALFORMED", "Not the path of a tile or entry bundle.");
}
