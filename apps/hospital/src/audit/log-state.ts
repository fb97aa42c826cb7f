import type { Queryable } from "../database/index.ts";
import { readNewestCheckpoint } from "./checkpoints.ts";
import { AuditLogError } from "./error.ts";
import { checkStoredTree } from "./known-tree.ts";

/** What is wrong with the end of the stored tree, by its newest head; `undefined` where it fits. */
export async function findLogFault(queryable: Queryable): Promise<string | undefined> {
  const newest = await readNewestCheckpoint(queryable);
  if (newest === undefined) return undefined;
  try {
    await checkStoredTree(queryable, newest);
    return undefined;
  } catch (error) {
    if (error instanceof AuditLogError) return error.message;
    throw error;
  }
}

/** Since when the oldest entry waits that is no leaf yet, ms; `undefined` where none does. */
export async function readWaitingSince(queryable: Queryable): Promise<number | undefined> {
  const newest = await readNewestCheckpoint(queryable);
  const { rows } = await queryable.query(
    `SELECT min(e.at) AS since FROM audit_events e
     WHERE e.id > $1 AND e.entry <> '' AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.event_id = e.id)`,
    [newest?.doneId ?? 0],
  );
  return rows[0]?.numberOrNull("since") ?? undefined;
}
