import type { Queryable } from "../database/index.ts";

/** One entry about a patient, as an access log shows it. */
export interface PatientEvent {
  /** Of two at the same time the greater one came later. */
  readonly id: number;
  readonly at: number;
  readonly event: string;
  readonly actor: string;
  readonly object: string | null;
  /** Why the record was used. */
  readonly purpose: string | null;
}

/** The newest entries about one patient with this event, newest first. */
export async function readPatientEvents(
  queryable: Queryable,
  wanted: {
    readonly patientId: string;
    readonly event: string;
    readonly limit: number;
  },
): Promise<readonly PatientEvent[]> {
  const { rows } = await queryable.query(
    `SELECT id, at, event, actor, object, purpose FROM audit_events
     WHERE subject = $1 AND event = $2 ORDER BY at DESC, id DESC LIMIT $3`,
    [wanted.patientId, wanted.event, wanted.limit],
  );
  return rows.map((row) => ({
    id: row.number("id"),
    at: row.number("at"),
    event: row.text("event"),
    actor: row.text("actor"),
    object: row.textOrNull("object"),
    purpose: row.textOrNull("purpose"),
  }));
}
