import type { Queryable } from "../database/index.ts";

/** One entry about a patient, as an access log shows it. */
export interface PatientEvent {
  readonly at: number;
  readonly event: string;
  readonly actor: string;
  readonly object: string | null;
  /** `detail.purpose` of the entry. */
  readonly purpose: string | null;
}

/** The newest entries about one patient with one of these events, newest first. */
export async function readPatientEvents(
  queryable: Queryable,
  wanted: {
    readonly patientId: string;
    readonly events: readonly string[];
    readonly limit: number;
  },
): Promise<readonly PatientEvent[]> {
  const { rows } = await queryable.query(
    `SELECT at, event, actor, object, detail->>'purpose' AS purpose FROM audit_events
     WHERE subject = $1 AND event = ANY($2::text[]) ORDER BY at DESC, id DESC LIMIT $3`,
    [wanted.patientId, wanted.events, wanted.limit],
  );
  return rows.map((row) => ({
    at: row.number("at"),
    event: row.text("event"),
    actor: row.text("actor"),
    object: row.textOrNull("object"),
    purpose: row.textOrNull("purpose"),
  }));
}
