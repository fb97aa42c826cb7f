import type { Queryable, Transaction } from "../database/index.ts";
import type { TouchedHours } from "./touched-hours.ts";

/** Marks hours whose summaries are to be made anew. */
export async function markDueHours(
  tx: Transaction,
  { hours }: Pick<TouchedHours, "hours">,
): Promise<void> {
  const due = [...hours].flatMap(([patientId, all]) =>
    [...all].map((hour) => ({ patientId, hour })),
  );
  await tx.query(
    `INSERT INTO summaries_due (patient_id, hour_at) SELECT * FROM unnest($1::uuid[], $2::bigint[])
     ON CONFLICT DO NOTHING`,
    [due.map(({ patientId }) => patientId), due.map(({ hour }) => hour)],
  );
}

/** How far summaries are behind, for one patient. */
export interface Backlog {
  /** Up to this entry the audit log is gone through. */
  readonly doneId: number;
  /** What was stored before this time is, ms. */
  readonly doneAt: number;
  /** Hours of the range that are marked, rising; beginnings, ms. */
  readonly due: readonly number[];
}

/** Reads how far summaries are behind in a range, at one moment. */
export async function readBacklog(
  queryable: Queryable,
  patientId: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Backlog> {
  const { rows } = await queryable.query(
    `SELECT p.done_id, p.done_at, d.hour_at FROM summary_progress p LEFT JOIN summaries_due d
       ON d.patient_id = $1 AND d.hour_at >= $2 AND d.hour_at < $3
     ORDER BY d.hour_at`,
    [patientId, from, to],
  );
  const [first] = rows;
  if (first === undefined) throw new TypeError("summary_progress has no row");
  return {
    doneId: first.number("done_id"),
    doneAt: first.number("done_at"),
    due: rows.flatMap((row) => row.numberOrNull("hour_at") ?? []),
  };
}
