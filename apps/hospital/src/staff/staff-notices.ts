import type { Queryable, Transaction } from "../database/index.ts";

/** What somebody should know about their own account. */
export type StaffNoticeKind =
  | "factors-replaced"
  | "log-in-slowed"
  | "passkey-added"
  | "passkey-removed"
  | "passkey-suspended"
  | "recovery-code-used"
  | "recovery-codes-renewed"
  | "role-changed";

/** One such notice. */
export interface StaffNotice {
  readonly id: number;
  readonly at: number;
  readonly kind: string;
  readonly seen: boolean;
}

/** As many as one looks at; the older ones stand in the audit log. */
const MAX_LISTED = 50;

/** Leaves a notice for somebody, in the transaction that makes it true. */
export async function leaveNotice(
  tx: Transaction,
  notice: { readonly staffId: number; readonly at: number; readonly kind: StaffNoticeKind },
): Promise<void> {
  await tx.query("INSERT INTO staff_notices (staff_id, at, kind) VALUES ($1, $2, $3)", [
    notice.staffId,
    notice.at,
    notice.kind,
  ]);
}

/** Somebody's notices, the newest first. */
export async function listNotices(
  queryable: Queryable,
  staffId: number,
): Promise<readonly StaffNotice[]> {
  const { rows } = await queryable.query(
    `SELECT id, at, kind, seen_at FROM staff_notices WHERE staff_id = $1
     ORDER BY id DESC LIMIT ${String(MAX_LISTED)}`,
    [staffId],
  );
  return rows.map((row) => ({
    id: row.number("id"),
    at: row.number("at"),
    kind: row.text("kind"),
    seen: row.numberOrNull("seen_at") !== null,
  }));
}

/** Marks somebody's notices up to one as seen. */
export async function markNoticesSeen(
  queryable: Queryable,
  seen: { readonly staffId: number; readonly upTo: number; readonly now: number },
): Promise<void> {
  await queryable.query(
    "UPDATE staff_notices SET seen_at = $3 WHERE staff_id = $1 AND id <= $2 AND seen_at IS NULL",
    [seen.staffId, seen.upTo, seen.now],
  );
}
