import { equalBytes, fromHex } from "@siphms/cose";
import { appendLeaves, EMPTY_EDGE, hashLeaf, rootOfEdge } from "@siphms/tlog";
import type { CopyTransaction } from "../database/index.ts";
import type { PartMeta } from "./description.ts";

/** Entries looked at together. */
const STEP = 4_096;

/**
 * Says whether the audit log that was loaded is the one that a checkpoint is about: makes the root anew, from every entry.
 */
export async function hasRoot(
  tx: CopyTransaction,
  { size, root }: NonNullable<PartMeta["checkpoint"]>,
): Promise<boolean> {
  let edge = EMPTY_EDGE;
  while (edge.size < size) {
    const { rows } = await tx.query(
      `SELECT e.entry FROM audit_leaves l JOIN audit_events e ON e.id = l.event_id
       WHERE l.idx >= $1 AND l.idx < $2 ORDER BY l.idx`,
      [edge.size, Math.min(size, edge.size + STEP)],
    );
    if (rows.length === 0) return false;
    const hashes = rows.map((row) => hashLeaf(row.bytes("entry")));
    edge = appendLeaves(edge, hashes).edge;
  }
  return equalBytes(rootOfEdge(edge), fromHex(root));
}
