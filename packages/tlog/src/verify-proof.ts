import { isSameBytes, type Bytes } from "./bytes.ts";
import { emptyRoot, hashNode, HASH_BYTES } from "./hash.ts";
import { checkTreeSize } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";

/** A tree as a checkpoint states it. */
export interface TreeHead {
  readonly size: number;
  readonly root: Bytes;
}

/** What an inclusion proof claims: that the leaf with this hash stands at this index of that tree. */
export interface InclusionClaim {
  readonly index: number;
  readonly leafHash: Bytes;
  readonly tree: TreeHead;
  /** From the leaf's sibling upwards. */
  readonly proof: readonly Bytes[];
}

/** What a consistency proof claims: that the older tree is the front of the newer one. */
export interface ConsistencyClaim {
  readonly older: TreeHead;
  readonly newer: TreeHead;
  readonly proof: readonly Bytes[];
}

/**
 * Verifies that an entry is in a tree; returns when it is.
 *
 * @throws {TlogError} `MERKLE_PROOF_INVALID` when it is not, or the proof has another length than size and index give it.
 * @see RFC 9162 §2.1.3.2
 */
export function verifyInclusion(claim: InclusionClaim): void {
  const { index, leafHash, tree, proof } = claim;
  checkTreeSize(index, "index");
  checkTreeSize(tree.size, "size");
  checkHashes([leafHash, tree.root, ...proof]);
  if (index >= tree.size) throw invalid("the index lies outside the tree");
  const sides = sidesOfPath(index, tree.size - 1, proof.length);
  const root = proof.reduce(
    (below, hash, at) => (sides[at] === "left" ? hashNode(hash, below) : hashNode(below, hash)),
    leafHash,
  );
  if (!isSameBytes(root, tree.root)) throw invalid("it leads to another root");
}

/**
 * Verifies that an older tree is the front of a newer one; returns when it is.
 *
 * From the empty tree the proof is empty, and so it is between trees of one size, whose roots must be the same.
 *
 * @throws {TlogError} `MERKLE_PROOF_INVALID` when it is not, or the proof has another length than the sizes give it.
 * @see RFC 9162 §2.1.4.2
 */
export function verifyConsistency({ older, newer, proof }: ConsistencyClaim): void {
  checkTreeSize(older.size, "older size");
  checkTreeSize(newer.size, "newer size");
  checkHashes([older.root, newer.root, ...proof]);
  for (const { size, root } of [older, newer]) {
    if (size === 0 && !isSameBytes(root, emptyRoot())) throw invalid("an empty tree has one root");
  }
  if (older.size > newer.size) throw invalid("the older tree is the larger one");
  if (older.size === 0 || older.size === newer.size) {
    if (proof.length > 0) throw invalid("the proof is too long");
    if (older.size === newer.size && !isSameBytes(older.root, newer.root)) {
      throw invalid("two roots at one size");
    }
    return;
  }
  verifyGrowth({ older, newer, proof });
}

/** RFC 9162 §2.1.4.2 for 0 < older < newer: one walk upwards that makes both roots. */
function verifyGrowth({ older, newer, proof }: ConsistencyClaim): void {
  let node = older.size - 1;
  let last = newer.size - 1;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // node is 0 when the older size is a power of two: its root is then a node of the newer tree, and is left out of the proof.
  const [first, ...rest] = node === 0 ? [older.root, ...proof] : proof;
  if (first === undefined) throw invalid("the proof is too short");
  const sides = sidesOfPath(node, last, rest.length);
  const newRoot = rest.reduce(
    (below, hash, at) => (sides[at] === "left" ? hashNode(hash, below) : hashNode(below, hash)),
    first,
  );
  // What lies to the right came after the older tree.
  const oldRoot = rest.reduce(
    (below, hash, at) => (sides[at] === "left" ? hashNode(hash, below) : below),
    first,
  );
  if (!isSameBytes(oldRoot, older.root)) throw invalid("it leads to another older root");
  if (!isSameBytes(newRoot, newer.root)) throw invalid("it leads to another newer root");
}

/**
 * On which side of the way up each hash of a proof lies.
 *
 * @param start - Number of the node in its row, from which the way goes up.
 * @param end - Number of that row's last node.
 */
function sidesOfPath(
  start: number,
  end: number,
  proofLength: number,
): readonly ("left" | "right")[] {
  const sides: ("left" | "right")[] = [];
  let [node, last] = [start, end];
  while (sides.length < proofLength) {
    if (last === 0) throw invalid("the proof is too long");
    const isRightChild = node % 2 === 1 || node === last;
    sides.push(isRightChild ? "left" : "right");
    // A last node without a right neighbour goes up as it is, until it is itself a right one.
    while (isRightChild && node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw invalid("the proof is too short");
  return sides;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function checkHashes(hashes: readonly Bytes[]): void {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw invalid("a hash has 32 bytes");
}

function invalid(what: string): TlogError {
  return new TlogError("MERKLE_PROOF_INVALID", `A Merkle proof is refused: ${what}.`);
}
