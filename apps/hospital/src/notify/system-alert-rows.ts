import type { SystemAlert } from "@siphms/api";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { SystemFault } from "./ports.ts";

/** Opens a system alert, or counts it once more on the open one of the same kind. @returns its number and its count. */
export async function raiseSystemAlert(
  tx: Transaction,
  fault: SystemFault,
  at: number,
): Promise<{ readonly id: number; readonly count: number }> {
  const { rows } = await tx.query(
    `INSERT INTO system_alerts (what, way, reason, count, first_at, last_at)
     VALUES ($1, $2, $3, 1, $4, $4)
     ON CONFLICT (what, way, reason) WHERE acknowledged_at IS NULL
     DO UPDATE SET count = system_alerts.count + 1, last_at = greatest(system_alerts.last_at, $4)
     RETURNING id, count`,
    [fault.what, fault.way ?? "", fault.reason, at],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("an insert without a row");
  return { id: row.number("id"), count: row.number("count") };
}

/** Those that are open, newest first. */
export async function listOpenSystemAlerts(queryable: Queryable): Promise<readonly SystemAlert[]> {
  const { rows } = await queryable.query(
    `SELECT id, what, way, reason, count, first_at, last_at FROM system_alerts
     WHERE acknowledged_at IS NULL ORDER BY last_at DESC, id DESC`,
  );
  return rows.map(describeSystemAlert);
}

/** Closes one. @returns false where it is not open. */
export async function closeSystemAlert(
  tx: Transaction,
  closing: { readonly id: number; readonly by: string; readonly at: number },
): Promise<boolean> {
  const { count } = await tx.query(
    `UPDATE system_alerts SET acknowledged_at = $2, acknowledged_by = $3
     WHERE id = $1 AND acknowledged_at IS NULL`,
    [closing.id, closing.at, closing.by],
  );
  return count === 1;
}

function describeSystemAlert(row: Row): SystemAlert {
  const way = row.text("way");
  return {
    id: String(row.number("id")),
    what: parseWhat(row.text("what")),
    ...(way === "email" || way === "webhook" ? { way } : {}),
    reason: row.text("reason"),
    count: row.number("count"),
    first: row.number("first_at"),
    last: row.number("last_at"),
  };
}

const WHAT: readonly SystemAlert["what"][] = [
  "nobody-to-tell",
  "evaluation-failed",
  "backup-failed",
  "witness-away",
  "witness-refused",
  "log-stopped",
];

function parseWhat(text: string): SystemAlert["what"] {
  return WHAT.find((one) => one === text) ?? "delivery-failed";
}
