import type { AuditEntry, Queryable } from "../database/index.ts";

/** How many entries there are of one event about one patient and one object that ended so. */
export async function countEvents(
  queryable: Queryable,
  like: Pick<AuditEntry, "event" | "object" | "outcome" | "subject">,
): Promise<number> {
  const { rows } = await queryable.query(
    `SELECT count(*) AS count FROM audit_events
     WHERE subject = $1 AND event = $2 AND object = $3 AND outcome = $4`,
    [like.subject ?? null, like.event, like.object ?? null, like.outcome],
  );
  return rows[0]?.number("count") ?? 0;
}
