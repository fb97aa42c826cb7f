import { beforeAll, describe, expect, it } from "vitest";
import type { Bytes } from "./bytes.ts";
import { appendLeaves, EMPTY_EDGE, loadEdge, rootOfEdge } from "./grow.ts";
import { codeOf, codeOfPromise } from "./testing/refusal.ts";
import {
  memoryTiles,
  numberedLeaves,
  referenceRoot,
  type MemoryTiles,
} from "./testing/reference-tree.ts";
import { turnBit } from "./testing/signer.ts";
import { tilePath, tileWidth, type Tile } from "./tile.ts";
import type { TileSource } from "./tile-source.ts";
import { proveConsistency, proveInclusion, rootFromTiles } from "./tree.ts";
import { verifyConsistency, verifyInclusion } from "./verify-proof.ts";

const LEAVES = numberedLeaves(70_000);
const SIZE = LEAVES.length;

/** A source that gives what `alter` makes of each tile. */
function altered(source: TileSource, alter: (bytes: Bytes) => Bytes): TileSource {
  return {
    readTiles: async (tiles: readonly Tile[]) => (await source.readTiles(tiles)).map(alter),
  };
}

describe("a tree of 70,000 entries, with tiles on three levels", () => {
  let tiles: MemoryTiles;
  let root: Bytes;

  beforeAll(() => {
    tiles = memoryTiles(LEAVES);
    root = referenceRoot(LEAVES);
  });

  it("has the root of its definition, from tiles and from its edge", async () => {
    expect(await rootFromTiles(SIZE, tiles)).toEqual(root);
    expect(rootOfEdge(await loadEdge(SIZE, tiles))).toEqual(root);
  });

  it.each([0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999])(
    "proves that entry %i is in it",
    async (index) => {
      const proof = await proveInclusion({ index, treeSize: SIZE }, tiles);
      const leafHash = LEAVES[index]!;
      verifyInclusion({ index, leafHash, tree: { size: SIZE, root }, proof });
    },
  );

  it.each([1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999])(
    "proves that it continues the tree of %i",
    async (oldSize) => {
      const proof = await proveConsistency({ oldSize, newSize: SIZE }, tiles);
      const older = { size: oldSize, root: referenceRoot(LEAVES.slice(0, oldSize)) };
      verifyConsistency({ older, newer: { size: SIZE, root }, proof });
    },
  );

  it("asks only for tiles that the tree has, each at its width there, and for none twice", async () => {
    const asking = memoryTiles(LEAVES);
    await proveInclusion({ index: 69_999, treeSize: 69_999 + 1 }, asking);
    expect(asking.asked.length).toBeGreaterThan(2);
    expect(new Set(asking.asked.map(tilePath)).size).toBe(asking.asked.length);
    for (const tile of asking.asked) expect(tile.width).toBe(tileWidth(tile, SIZE));
  });

  it("makes a proof from altered tiles that fails", async () => {
    const proof = await proveInclusion(
      { index: 300, treeSize: SIZE },
      altered(tiles, (bytes) => turnBit(bytes, 40)),
    );
    const claim = { index: 300, leafHash: LEAVES[300]!, tree: { size: SIZE, root }, proof };
    expect(codeOf(() => verifyInclusion(claim))).toBe("MERKLE_PROOF_INVALID");
  });

  it.each<[string, (bytes: Bytes) => Bytes]>([
    ["half a hash", (bytes) => bytes.slice(0, -1)],
    ["nothing", () => new Uint8Array()],
    ["too few hashes", (bytes) => bytes.slice(0, 32 * ((bytes.length / 32 - 1) | 0))],
    ["more than a full tile", () => new Uint8Array(257 * 32)],
  ])("refuses a source that gives %s", async (_, alter) => {
    const source = altered(tiles, alter);
    const place = { index: 1, treeSize: SIZE };
    expect(await codeOfPromise(rootFromTiles(SIZE, source))).toBe("TILE_MALFORMED");
    expect(await codeOfPromise(proveInclusion(place, source))).toBe("TILE_MALFORMED");
    expect(await codeOfPromise(loadEdge(SIZE, source))).toBe("TILE_MALFORMED");
  });

  it("refuses a source that gives another number of tiles", async () => {
    const source: TileSource = { readTiles: () => Promise.resolve([]) };
    expect(await codeOfPromise(rootFromTiles(SIZE, source))).toBe("TILE_MALFORMED");
  });

  it("makes no proof of what is not there", async () => {
    const isRefused = (promise: Promise<unknown>): Promise<void> =>
      expect(promise).rejects.toThrow(RangeError);
    await isRefused(proveInclusion({ index: 5, treeSize: 5 }, tiles));
    await isRefused(proveInclusion({ index: -1, treeSize: 5 }, tiles));
    await isRefused(proveInclusion({ index: 0.5, treeSize: 5 }, tiles));
    await isRefused(proveInclusion({ index: 0, treeSize: 0 }, tiles));
    await isRefused(proveConsistency({ oldSize: 6, newSize: 5 }, tiles));
    await isRefused(proveConsistency({ oldSize: -1, newSize: 5 }, tiles));
    await isRefused(proveConsistency({ oldSize: 1, newSize: 2 ** 53 }, tiles));
  });
});

describe("appending", () => {
  it("gives every tile that is new or wider, and nothing else", () => {
    const first = appendLeaves(EMPTY_EDGE, LEAVES.slice(0, 250));
    expect(first.tiles.map(tilePath)).toEqual(["tile/0/000.p/250"]);
    const second = appendLeaves(first.edge, LEAVES.slice(250, 520));
    expect(second.tiles.map(tilePath)).toEqual([
      "tile/0/000",
      "tile/0/001",
      "tile/0/002.p/8",
      "tile/1/000.p/2",
    ]);
    const third = appendLeaves(second.edge, LEAVES.slice(520, 521));
    expect(third.tiles.map(tilePath)).toEqual(["tile/0/002.p/9"]);
    expect(third.edge.size).toBe(521);
    expect(rootOfEdge(third.edge)).toEqual(referenceRoot(LEAVES.slice(0, 521)));
  });

  it("changes nothing when there is nothing to append", () => {
    const { edge } = appendLeaves(EMPTY_EDGE, LEAVES.slice(0, 300));
    expect(appendLeaves(edge, [])).toEqual({ edge, tiles: [] });
  });

  it("leaves the edge as it was that it is given", () => {
    const { edge } = appendLeaves(EMPTY_EDGE, LEAVES.slice(0, 300));
    const before = structuredClone(edge);
    appendLeaves(edge, LEAVES.slice(300, 600));
    expect(edge).toEqual(before);
  });

  it("takes nothing but hashes, and no more than a tree can hold", () => {
    expect(() => appendLeaves(EMPTY_EDGE, [new Uint8Array(31)])).toThrow(RangeError);
    const full = { size: Number.MAX_SAFE_INTEGER, levels: [] };
    expect(() => appendLeaves(full, LEAVES.slice(0, 1))).toThrow(RangeError);
  });

  it("tells no root of an edge that is none", () => {
    expect(() => rootOfEdge({ size: 3, levels: [] })).toThrow(RangeError);
  });
});
