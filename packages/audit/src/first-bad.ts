import { equalBytes, type Bytes } from "@siphms/cose";
import { hashNode, hashRanges, splitPoint, TlogError, type TileSource } from "@siphms/tlog";
import type { LeafRange } from "@siphms/tlog";

/** A tree as it was signed, and two tellings of it: what the entries give, and the tiles that are stored. */
export interface Dispute {
  readonly size: number;
  /** As it was signed; the entries give another. */
  readonly root: Bytes;
  readonly computed: TileSource;
  readonly stored: TileSource;
}

/**
 * Finds the first entry that is not what was signed, by going down from the signed root: as long as two stored hashes
 * give the signed one above them they are what was signed, and the entries below one of them give another.
 *
 * @returns One entry, or more where the stored tiles were altered too, as far down as they still tell.
 */
export async function findFirstBad(dispute: Dispute): Promise<LeafRange> {
  let range: LeafRange = { start: 0, end: dispute.size };
  let signed = dispute.root;
  while (range.end - range.start > 1) {
    const middle = range.start + splitPoint(range.end - range.start);
    const left = { start: range.start, end: middle };
    const right = { start: middle, end: range.end };
    const [signedLeft, signedRight] = await hashesOf([left, right], dispute.stored, dispute.size);
    if (signedLeft === undefined || signedRight === undefined) return range;
    if (!equalBytes(hashNode(signedLeft, signedRight), signed)) return range;
    const [ownLeft] = await hashesOf([left], dispute.computed, dispute.size);
    const isLeftBad = ownLeft === undefined || !equalBytes(ownLeft, signedLeft);
    [range, signed] = isLeftBad ? [left, signedLeft] : [right, signedRight];
  }
  return range;
}

/** Hashes of ranges; none where tiles are missing. */
async function hashesOf(
  ranges: readonly LeafRange[],
  source: TileSource,
  size: number,
): Promise<readonly Bytes[]> {
  try {
    return await hashRanges(ranges, size, source);
  } catch (error) {
    if (error instanceof TlogError && error.code === "TILE_MALFORMED") return [];
    throw error;
  }
}
