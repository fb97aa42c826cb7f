import { isPassed, type AuditFence } from "../audit/index.ts";
import type { Queryable, Transaction } from "../database/index.ts";

/** How far the audit log is gone through. */
export interface Progress {
  /** Every entry up to this one is gone through, and none will appear there any more. */
  readonly doneId: number;
  /** Entries after it that are gone through as well. */
  readonly ahead: readonly number[];
  /** Up to here it will be done, once the fence is passed. */
  readonly fence: AuditFence | undefined;
  /**
   * Whether it was passed when the lock was taken, before any entry was read: what was committed in between must be among
   * those.
   */
  readonly isFencePassed: boolean;
}

/** What one look at the log came to. */
export interface Reached {
  /** Entries that were gone through. */
  readonly ids: readonly number[];
  /** Before this one all that could be seen are gone through; `undefined` for all. */
  readonly undoneFrom: number | undefined;
  /** A newer fence, for when the present one has served. */
  readonly fence: AuditFence | undefined;
}

/** Takes the lock of whoever evaluates. @returns `undefined` where another one has it. */
export async function lockProgress(tx: Transaction): Promise<Progress | undefined> {
  const { rows } = await tx.query(
    `SELECT done_id, array_to_string(ahead, ' ') AS ahead, fence_id, fence_xid FROM alert_progress
     FOR UPDATE SKIP LOCKED`,
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const id = row.numberOrNull("fence_id");
  const xid = row.textOrNull("fence_xid");
  const fence = id === null || xid === null ? undefined : { id, xid };
  return {
    doneId: row.number("done_id"),
    ahead: row.text("ahead").split(" ").filter(Boolean).map(Number),
    fence,
    isFencePassed: fence !== undefined && (await isPassed(tx, fence)),
  };
}

/**
 * Notes what was gone through.
 *
 * Entries are gone through as soon as they can be seen, so that nobody's alert waits for somebody else's long transaction.
 * Those below which others may still appear are remembered one by one, until a fence behind them is passed.
 */
export async function storeProgress(
  tx: Transaction,
  before: Progress,
  reached: Reached,
): Promise<void> {
  const doneId = doneAfter(before, reached);
  const isServed = before.fence === undefined || before.fence.id <= doneId;
  const newer =
    reached.fence !== undefined && reached.fence.id > doneId ? reached.fence : undefined;
  const fence = isServed ? newer : before.fence;
  const isSame = doneId === before.doneId && fence === before.fence;
  if (isSame && reached.ids.length === 0) return;
  await tx.query(
    `UPDATE alert_progress SET done_id = $1, fence_id = $2, fence_xid = $3,
       ahead = ARRAY(SELECT one FROM unnest(ahead || $4::bigint[]) AS w (one) WHERE one > $1)`,
    [doneId, fence?.id ?? null, fence?.xid ?? null, reached.ids],
  );
}

function doneAfter({ doneId, fence, isFencePassed }: Progress, { undoneFrom }: Reached): number {
  if (fence === undefined || !isFencePassed) return doneId;
  const end = undoneFrom === undefined ? fence.id : Math.min(fence.id, undoneFrom - 1);
  return Math.max(doneId, end);
}

/** So much is gone through once more where nobody knows how far it was. */
const LOOK_BACK_MS = 24 * 3_600_000;
const START = `SELECT coalesce(min(id) - 1, (SELECT coalesce(max(id), 0) FROM audit_events), 0)
  FROM audit_events WHERE at >= $1`;

/**
 * Mends what somebody did to the one row that says how far the log is gone through: it is there, and not ahead of the log.
 *
 * @returns whether there was something to mend.
 */
export async function mendProgress(database: Queryable, now: number): Promise<boolean> {
  const since = now - LOOK_BACK_MS;
  const missing = await database.query(
    `INSERT INTO alert_progress (done_id, ahead) SELECT (${START}), '{}'
     WHERE NOT EXISTS (SELECT FROM alert_progress) ON CONFLICT DO NOTHING`,
    [since],
  );
  const ahead = await database.query(
    `UPDATE alert_progress SET done_id = (${START}), ahead = '{}', fence_id = NULL, fence_xid = NULL
     WHERE done_id > (SELECT coalesce(max(id), 0) FROM audit_events)`,
    [since],
  );
  return missing.count + ahead.count > 0;
}
