import type { Queryable } from "../database/index.ts";

/** Whoever gives entries their places in the log, or changes its key, holds this lock. The number has no meaning. */
const LOCK = 7_354_002;

/** Waits for the lock, which is held until the transaction ends. */
export async function lockLog(tx: Queryable): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
}

/** Takes the lock if nobody has it. */
export async function tryLockLog(tx: Queryable): Promise<boolean> {
  const { rows } = await tx.query("SELECT pg_try_advisory_xact_lock($1) AS locked", [LOCK]);
  return rows[0]?.boolean("locked") ?? false;
}
