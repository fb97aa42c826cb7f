import type { AuditEntry, AuditSink, Queryable } from "../database/index.ts";

/** Notes events as rows and no more. */
export function createPlainAudit(): AuditSink {
  return { append: insertRows };
}

async function insertRows(tx: Queryable, entries: readonly AuditEntry[]): Promise<void> {
  await tx.query(
    `INSERT INTO audit_events (at, event, actor, subject, object, action, outcome, purpose, version,
       detail, entry)
     SELECT *, '' FROM unnest($1::bigint[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[],
       $7::text[], $8::text[], $9::integer[], $10::jsonb[])
     WHERE pg_current_xact_id() IS NOT NULL`,
    [
      entries.map((entry) => entry.at),
      entries.map((entry) => entry.event),
      entries.map((entry) => entry.actor),
      entries.map((entry) => entry.subject ?? null),
      entries.map((entry) => entry.object ?? null),
      entries.map((entry) => entry.action),
      entries.map((entry) => entry.outcome),
      entries.map((entry) => entry.purpose ?? null),
      entries.map((entry) => entry.version ?? null),
      entries.map((entry) => JSON.stringify(entry.detail ?? {})),
    ],
  );
}
