import type { Database, Queryable, Transaction } from "../database/index.ts";

/**
 * Runs `work` as the only one that changes summaries, whatever other processes there are.
 *
 * @param work - Gets the last entry of the audit log that is gone through.
 * @returns `undefined` where another process is at work.
 */
export async function whileAlone<T>(
  database: Database,
  work: (tx: Transaction, doneId: number) => Promise<T>,
): Promise<T | undefined> {
  return database.withTransaction(async (tx) => {
    const { rows } = await tx.query("SELECT done_id FROM summary_progress FOR UPDATE SKIP LOCKED");
    const [row] = rows;
    return row === undefined ? undefined : work(tx, row.number("done_id"));
  });
}

/** Before which time everything that was stored has been gone through, ms. */
export async function readSummaryProgress(
  queryable: Queryable,
): Promise<{ readonly doneAt: number }> {
  const { rows } = await queryable.query("SELECT done_at FROM summary_progress");
  return { doneAt: rows[0]?.number("done_at") ?? 0 };
}

/** Notes up to which entry the audit log is gone through; with `at`, that nothing stored before that time is left. */
export async function storeProgress(
  tx: Transaction,
  { doneId, at }: { readonly doneId: number; readonly at: number | undefined },
): Promise<void> {
  await tx.query("UPDATE summary_progress SET done_id = $1, done_at = coalesce($2, done_at)", [
    doneId,
    at ?? null,
  ]);
}
