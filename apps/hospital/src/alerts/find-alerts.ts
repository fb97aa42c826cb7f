import type { Queryable, Row } from "../database/index.ts";
import { takeGenuine, type GenuineRows, type Keyring } from "../keys/index.ts";
import { ALERT_COLUMNS, IS_OPEN, readAlert, type AlertRow } from "./alert-rows.ts";

/** Alerts as they were found. */
export type FoundAlerts = GenuineRows<AlertRow>;

/** Every open alert of these patients, oldest first; locked, so that nobody acknowledges one while it changes. */
export async function lockOpenAlerts(
  queryable: Queryable,
  keyring: Keyring,
  patientIds: readonly string[],
): Promise<FoundAlerts> {
  const { rows } = await queryable.query(
    `SELECT ${ALERT_COLUMNS} FROM alerts WHERE patient_id = ANY($1::uuid[]) AND ${IS_OPEN}
     ORDER BY id FOR UPDATE`,
    [patientIds],
  );
  return divide(rows, keyring);
}

/** Every open alert of these patients, oldest first. */
export async function findOpenAlerts(
  queryable: Queryable,
  keyring: Keyring,
  patientIds: readonly string[],
): Promise<FoundAlerts> {
  const { rows } = await queryable.query(
    `SELECT ${ALERT_COLUMNS} FROM alerts WHERE patient_id = ANY($1::uuid[]) AND ${IS_OPEN} ORDER BY id`,
    [patientIds],
  );
  return divide(rows, keyring);
}

/** A patient's alerts, newest first, closed and late ones too; altered ones left out. */
export async function listAlerts(
  queryable: Queryable,
  keyring: Keyring,
  wanted: {
    readonly patientId: string;
    readonly before: number | undefined;
    readonly limit: number;
  },
): Promise<FoundAlerts> {
  const { rows } = await queryable.query(
    `SELECT ${ALERT_COLUMNS} FROM alerts WHERE patient_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
    [wanted.patientId, wanted.before ?? Number.MAX_SAFE_INTEGER, wanted.limit],
  );
  return divide(rows, keyring);
}

/** One open alert of a patient, locked; `undefined` where it is none, or altered. */
export async function lockAlert(
  queryable: Queryable,
  keyring: Keyring,
  named: { readonly id: number; readonly patientId: string },
): Promise<AlertRow | undefined> {
  const { rows } = await queryable.query(
    `SELECT ${ALERT_COLUMNS} FROM alerts WHERE id = $1 AND patient_id = $2 AND NOT late FOR UPDATE`,
    [named.id, named.patientId],
  );
  return divide(rows, keyring).rows[0];
}

/** Open alerts that nobody has acknowledged in time, the most overdue first; locked, those that nobody else works on. */
export async function lockOverdue(
  queryable: Queryable,
  keyring: Keyring,
  wanted: { readonly now: number; readonly limit: number },
): Promise<FoundAlerts> {
  const { rows } = await queryable.query(
    `SELECT ${ALERT_COLUMNS} FROM alerts
     WHERE next_step_at <= $1 AND resolved_at IS NULL AND acknowledged_at IS NULL AND NOT set_aside
     ORDER BY next_step_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [wanted.now, wanted.limit],
  );
  return divide(rows, keyring);
}

/** An alert that was raised, as the audit log says, and is not as it was written any more. */
export interface AlteredAlert {
  readonly id: number;
  /** Whose it is, as the audit log says. */
  readonly patientId: string;
  /** Whether its row is there at all. */
  readonly isThere: boolean;
}

/**
 * Alerts that were raised since some time, or are open, and are not as they were written, or gone. Those of which the audit log says
 * already that they were found so are left out; nothing that their rows say hides one.
 */
export async function findAltered(
  queryable: Queryable,
  keyring: Keyring,
  since: number,
): Promise<readonly AlteredAlert[]> {
  const { rows } = await queryable.query(
    `SELECT a.told_id, a.subject, l.id IS NOT NULL AS there, coalesce(l.set_aside, false) AS set_aside,
       ${ALERT_COLUMNS}
     FROM (SELECT substr(object, 7)::bigint AS told_id, subject FROM audit_events
           WHERE event = 'alert.raised' AND at >= $1 AND object ~ '^alert:[0-9]{1,15}$'
           UNION SELECT id, patient_id FROM alerts WHERE ${IS_OPEN} AND raised_at < $1) a
     LEFT JOIN alerts l ON l.id = a.told_id
     WHERE NOT EXISTS (SELECT FROM audit_events b WHERE b.event = 'alert.altered'
       AND b.object = 'alert:' || a.told_id)`,
    [since],
  );
  return rows.flatMap((row) => {
    const patientId = row.textOrNull("subject");
    const isThere = row.boolean("there");
    if (patientId === null || (isThere && isGenuine(row, patientId, keyring))) return [];
    return [{ id: row.number("told_id"), patientId, isThere }];
  });
}

function isGenuine(row: Row, patientId: string, keyring: Keyring): boolean {
  const { rows } = divide([row], keyring);
  return rows[0]?.patientId === patientId && !row.boolean("set_aside");
}

function divide(rows: readonly Row[], keyring: Keyring): FoundAlerts {
  return takeGenuine(rows, (row) => readAlert(row, keyring));
}

/** The patients of alerts that were told to somebody, by ids; of altered rows too: whom they name is compared with a grant. */
export async function findPatientsOf(
  queryable: Queryable,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const { rows } = await queryable.query(
    "SELECT id, patient_id FROM alerts WHERE id = ANY($1::bigint[]) AND NOT late",
    [ids],
  );
  return new Map(rows.map((row) => [row.number("id"), row.text("patient_id")]));
}
