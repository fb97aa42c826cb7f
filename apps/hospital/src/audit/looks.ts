import type { Queryable } from "../database/index.ts";

/** Somebody was shown something of a patient's record. */
export interface Look {
  readonly at: number;
  readonly actor: string;
  readonly role: string | null;
  readonly purpose: string | null;
  readonly what: string | null;
}

/** Who was shown something of one patient in a range of time, `to` not included, oldest first; the same at the same time once. */
export async function readLooks(
  queryable: Queryable,
  wanted: {
    readonly patientId: string;
    readonly from: number;
    readonly to: number;
    readonly limit: number;
  },
): Promise<readonly Look[]> {
  const { patientId, from, to, limit } = wanted;
  const { rows } = await queryable.query(
    `SELECT DISTINCT at, actor, role, purpose, object FROM audit_events
     WHERE subject = $1 AND event = 'data.disclosed' AND at >= $2 AND at < $3
     ORDER BY at, actor, object, purpose, role LIMIT $4`,
    [patientId, from, to, limit],
  );
  return rows.map((row) => ({
    at: row.number("at"),
    actor: row.text("actor"),
    role: row.textOrNull("role"),
    purpose: row.textOrNull("purpose"),
    what: row.textOrNull("object"),
  }));
}
