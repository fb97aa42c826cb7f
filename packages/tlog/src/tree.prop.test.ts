import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bytes } from "./bytes.ts";
import { appendLeaves, EMPTY_EDGE, loadEdge, rootOfEdge, type StoredTile } from "./grow.ts";
import { codeOf } from "./testing/refusal.ts";
import { memoryTiles, numberedLeaves, referenceRoot } from "./testing/reference-tree.ts";
import { turnBit } from "./testing/signer.ts";
import { proveConsistency, proveInclusion, rootFromTiles } from "./tree.ts";
import {
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
} from "./verify-proof.ts";

const MAX_SIZE = 2000;
const LEAVES = numberedLeaves(MAX_SIZE);
/** Of the largest tree; their fronts serve every smaller one. */
const TILES = memoryTiles(LEAVES);
/** Roots of the trees of each size, made one leaf at a time. */
const ROOTS: readonly Bytes[] = rootsOfEachSize();

function rootsOfEachSize(): readonly Bytes[] {
  const roots = [rootOfEdge(EMPTY_EDGE)];
  let edge = EMPTY_EDGE;
  for (const leaf of LEAVES) {
    edge = appendLeaves(edge, [leaf]).edge;
    roots.push(rootOfEdge(edge));
  }
  return roots;
}

const size = fc.integer({ min: 1, max: MAX_SIZE });
/** Of less than the largest, so that the next larger tree has a root of its own to lie with: size is no part of a root. */
const place = fc
  .integer({ min: 1, max: MAX_SIZE - 1 })
  .chain((treeSize) =>
    fc.record({ treeSize: fc.constant(treeSize), index: fc.nat({ max: treeSize - 1 }) }),
  );
const growth = size.chain((newSize) =>
  fc.record({ newSize: fc.constant(newSize), oldSize: fc.nat({ max: newSize }) }),
);
const bit = fc.record({ byte: fc.nat({ max: 31 }), bit: fc.nat({ max: 7 }) });

async function inclusionClaim(at: { index: number; treeSize: number }): Promise<InclusionClaim> {
  return {
    index: at.index,
    leafHash: LEAVES[at.index]!,
    tree: { size: at.treeSize, root: ROOTS[at.treeSize]! },
    proof: await proveInclusion(at, TILES),
  };
}

async function consistencyClaim(sizes: {
  oldSize: number;
  newSize: number;
}): Promise<ConsistencyClaim> {
  return {
    older: { size: sizes.oldSize, root: ROOTS[sizes.oldSize]! },
    newer: { size: sizes.newSize, root: ROOTS[sizes.newSize]! },
    proof: await proveConsistency(sizes, TILES),
  };
}

/** Every claim that differs from a true one in one hash, or in the number of hashes. */
function alteredProofs(proof: readonly Bytes[], turn: { byte: number; bit: number }): Bytes[][] {
  const oneOff = proof.map((hash, at) =>
    proof.map((other, place_) => (place_ === at ? turnBit(hash, turn.byte, turn.bit) : other)),
  );
  return [...oneOff, [...proof, LEAVES[0]!], [LEAVES[0]!, ...proof], ...shorter(proof)];
}

function named({ level, index, bytes }: StoredTile): [string, string] {
  return [`${level}/${index}`, Buffer.from(bytes).toString("hex")];
}

function shorter(proof: readonly Bytes[]): Bytes[][] {
  return proof.length === 0 ? [] : [proof.slice(1), proof.slice(0, -1)];
}

const isRefusedInclusion = (claim: InclusionClaim): boolean =>
  codeOf(() => verifyInclusion(claim)) === "MERKLE_PROOF_INVALID";
const isRefusedConsistency = (claim: ConsistencyClaim): boolean =>
  codeOf(() => verifyConsistency(claim)) === "MERKLE_PROOF_INVALID";

describe("trees of up to 2,000 entries", () => {
  it("have the root of their definition, from tiles, grown leaf by leaf, and read back", async () => {
    await fc.assert(
      fc.asyncProperty(size, async (treeSize) => {
        const root = referenceRoot(LEAVES.slice(0, treeSize));
        expect(await rootFromTiles(treeSize, TILES)).toEqual(root);
        expect(ROOTS[treeSize]).toEqual(root);
        expect(rootOfEdge(await loadEdge(treeSize, TILES))).toEqual(root);
      }),
      { numRuns: 40 },
    );
  });

  it("grow to the same edge and the same tiles however they are cut into batches", async () => {
    const batches = fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(batches, async (counts) => {
        let edge = EMPTY_EDGE;
        const stored = new Map<string, string>();
        for (const count of counts) {
          const next = appendLeaves(edge, LEAVES.slice(edge.size, edge.size + count));
          edge = next.edge;
          for (const tile of next.tiles) stored.set(...named(tile));
        }
        const whole = appendLeaves(EMPTY_EDGE, LEAVES.slice(0, edge.size));
        expect(rootOfEdge(edge)).toEqual(rootOfEdge(whole.edge));
        expect(rootOfEdge(edge)).toEqual(ROOTS[edge.size]);
        expect(stored).toEqual(new Map(whole.tiles.map(named)));
        expect(rootOfEdge(await loadEdge(edge.size, TILES))).toEqual(rootOfEdge(edge));
      }),
      { numRuns: 50 },
    );
  });

  it("prove each of their entries; and no proof with anything altered holds", async () => {
    await fc.assert(
      fc.asyncProperty(place, bit, async (at, turn) => {
        const claim = await inclusionClaim(at);
        verifyInclusion(claim);
        const { index, leafHash, tree, proof } = claim;
        const root = turnBit(tree.root, turn.byte, turn.bit);
        const lies: InclusionClaim[] = [
          ...alteredProofs(proof, turn).map((other) => ({ ...claim, proof: other })),
          { ...claim, leafHash: turnBit(leafHash, turn.byte, turn.bit) },
          { ...claim, tree: { ...tree, root } },
          { ...claim, index: index + 1 },
          ...(index > 0 ? [{ ...claim, index: index - 1 }] : []),
          { ...claim, index: tree.size },
          { ...claim, tree: { size: tree.size + 1, root: ROOTS[tree.size + 1]! } },
          { ...claim, tree: { size: tree.size - 1, root: ROOTS[tree.size - 1]! } },
        ];
        expect(lies.map(isRefusedInclusion)).toEqual(lies.map(() => true));
      }),
      { numRuns: 200 },
    );
  });

  it("prove that they continue each smaller one; and no proof with anything altered holds", async () => {
    await fc.assert(
      fc.asyncProperty(growth, bit, async (sizes, turn) => {
        const claim = await consistencyClaim(sizes);
        verifyConsistency(claim);
        const { older, newer, proof } = claim;
        const turned = (root: Bytes): Bytes => turnBit(root, turn.byte, turn.bit);
        const lies: ConsistencyClaim[] = [
          ...alteredProofs(proof, turn).map((other) => ({ ...claim, proof: other })),
          { ...claim, older: { ...older, root: turned(older.root) } },
          // From the empty tree every tree follows, whatever its root.
          ...(older.size > 0 ? [{ ...claim, newer: { ...newer, root: turned(newer.root) } }] : []),
          { older: newer, newer: { size: newer.size - 1, root: ROOTS[newer.size - 1]! }, proof },
          { ...claim, older: { ...older, size: older.size + 1 } },
          ...(older.size > 0 ? [{ ...claim, older: { ...older, size: older.size - 1 } }] : []),
        ];
        expect(lies.map(isRefusedConsistency)).toEqual(lies.map(() => true));
      }),
      { numRuns: 200 },
    );
  });

  it("hold for every pair of sizes up to 40, none left out", async () => {
    for (let newSize = 1; newSize <= 40; newSize++) {
      for (let other = 0; other <= newSize; other++) {
        verifyConsistency(await consistencyClaim({ oldSize: other, newSize }));
        if (other < newSize)
          verifyInclusion(await inclusionClaim({ index: other, treeSize: newSize }));
      }
    }
  });
});
