import { describe, expect, it } from "vitest";
import { codeOf } from "./testing/refusal.ts";
import {
  entryBundlePath,
  parseEntryBundlePath,
  parseTilePath,
  partialTiles,
  tilePath,
  tileWidth,
} from "./tile.ts";

const PATHS = [
  { path: "tile/0/000", tile: { level: 0, index: 0, width: 256 } },
  { path: "tile/0/x001/x234/067", tile: { level: 0, index: 1_234_067, width: 256 } },
  { path: "tile/1/000.p/17", tile: { level: 1, index: 0, width: 17 } },
  { path: "tile/2/x001/000.p/255", tile: { level: 2, index: 1000, width: 255 } },
  { path: "tile/63/999.p/1", tile: { level: 63, index: 999, width: 1 } },
  {
    path: "tile/0/x009/x007/x199/x254/x740/991",
    tile: { level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 },
  },
];

describe("paths of tiles", () => {
  it.each(PATHS)("writes and reads $path", ({ path, tile }) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it("writes and reads those of entry bundles", () => {
    expect(entryBundlePath({ index: 273, width: 112 })).toBe("tile/entries/273.p/112");
    expect(parseEntryBundlePath("tile/entries/x001/234")).toEqual({ index: 1234, width: 256 });
  });

  it.each([
    ["nothing", ""],
    ["another first part", "tiles/0/000"],
    ["a slash in front", "/tile/0/000"],
    ["a slash behind", "tile/0/000/"],
    ["a newline behind", "tile/0/000\n"],
    ["no index", "tile/0/"],
    ["no level", "tile//000"],
    ["a level with a leading zero", "tile/00/000"],
    ["a level with a sign", "tile/-1/000"],
    ["a level past 63", "tile/64/000"],
    ["a level of three digits", "tile/100/000"],
    ["an index of two digits", "tile/0/00"],
    ["an index of four digits", "tile/0/0000"],
    ["a last part with x", "tile/0/x000"],
    ["a first part without x", "tile/0/001/234"],
    ["a superfluous part", "tile/0/x000/234"],
    ["an index past 2^53", "tile/0/x009/x007/x199/x254/x740/992"],
    ["an index of seven parts", "tile/0/x001/x000/x000/x000/x000/x000/000"],
    ["a part of letters", "tile/0/x0a1/234"],
    ["the full width written out", "tile/0/000.p/256"],
    ["the width 0", "tile/0/000.p/0"],
    ["a width with a leading zero", "tile/0/000.p/01"],
    ["a width past 256", "tile/0/000.p/300"],
    ["no width", "tile/0/000.p/"],
    ["half a suffix", "tile/0/000.p"],
    ["a way out of the folder", "tile/0/../000"],
    ["a bundle", "tile/entries/000"],
  ])("refuses %s", (_, path) => {
    expect(codeOf(() => parseTilePath(path))).toBe("TILE_PATH_MALFORMED");
  });

  it.each([
    "tile/0/000",
    "tile/entries/",
    "tile/entries/00",
    "tile/entries/000.p/256",
    "entries/000",
  ])("refuses %s for an entry bundle", (path) => {
    expect(codeOf(() => parseEntryBundlePath(path))).toBe("TILE_PATH_MALFORMED");
  });

  it.each([
    { level: -1, index: 0, width: 1 },
    { level: 64, index: 0, width: 1 },
    { level: 0.5, index: 0, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 2 ** 53, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
    { level: 0, index: 0, width: 1.5 },
  ])("writes none for $level, $index, $width", (tile) => {
    expect(() => tilePath(tile)).toThrow(RangeError);
  });
});

describe("which tiles a tree has", () => {
  it("follows the specification's example of 70,000 entries", () => {
    const size = 70_000;
    expect(partialTiles(size)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(tileWidth({ level: 0, index: 272 }, size)).toBe(256);
    expect(tileWidth({ level: 1, index: 0 }, size)).toBe(256);
    expect(tileWidth({ level: 0, index: 274 }, size)).toBe(0);
    expect(tileWidth({ level: 3, index: 0 }, size)).toBe(0);
  });

  it("has, at 256 entries, a full tile and one of width 1 above it", () => {
    expect(tileWidth({ level: 0, index: 0 }, 256)).toBe(256);
    expect(partialTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
  });

  it("has none for no entries", () => {
    expect(partialTiles(0)).toEqual([]);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])("takes no size of %s", (size) => {
    expect(() => partialTiles(size)).toThrow(RangeError);
  });
});
