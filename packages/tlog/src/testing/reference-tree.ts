import type { Bytes } from "../bytes.ts";
import { appendLeaves, EMPTY_EDGE } from "../grow.ts";
import { emptyRoot, hashLeaf, hashNode } from "../hash.ts";
import { splitPoint } from "../subtree.ts";
import { tilePath, type Tile } from "../tile.ts";
import type { TileSource } from "../tile-source.ts";

/** Leaf hashes of entries that are their own numbers. */
export function numberedLeaves(count: number): readonly Bytes[] {
  return Array.from({ length: count }, (_, index) => {
    const entry = new Uint8Array(4);
    new DataView(entry.buffer).setUint32(0, index);
    return hashLeaf(entry);
  });
}

/** The Merkle tree hash by its definition in RFC 6962 §2.1, without tiles. */
export function referenceRoot(leaves: readonly Bytes[]): Bytes {
  const [only] = leaves;
  if (only === undefined) return emptyRoot();
  if (leaves.length === 1) return only;
  const middle = splitPoint(leaves.length);
  return hashNode(referenceRoot(leaves.slice(0, middle)), referenceRoot(leaves.slice(middle)));
}

/** Tiles in memory, and which of them were asked for. */
export interface MemoryTiles extends TileSource {
  readonly asked: Tile[];
}

/** A source over the tiles of one tree, which gives each as wide as that tree has it. */
export function memoryTiles(leaves: readonly Bytes[]): MemoryTiles {
  const { tiles } = appendLeaves(EMPTY_EDGE, leaves);
  const stored = new Map(tiles.map((tile) => [nameOf(tile), tile.bytes]));
  const asked: Tile[] = [];
  return {
    asked,
    readTiles(wanted) {
      asked.push(...wanted);
      return Promise.resolve(wanted.map((tile) => stored.get(nameOf(tile)) ?? new Uint8Array()));
    },
  };
}

function nameOf({ level, index }: Tile): string {
  return tilePath({ level, index, width: 256 });
}
