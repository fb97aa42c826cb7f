import type { Queryable, Row } from "../database/index.ts";
import { KeyError, type Keyring } from "../keys/index.ts";
import { ALERT_COLUMNS, IS_OPEN, readAlert, type AlertRow } from "./alert-rows.ts";

/** Alerts as they were found: those that can be believed, and the ids of those that were altered. */
export interface FoundAlerts {
  readonly rows: readonly AlertRow[];
  readonly altered: readonly { readonly id: number; readonly patientId: string }[];
}

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

/** Alerts that are open, or were raised since some time, and are not as they were written; locked. */
export async function lockAltered(
  queryable: Queryable,
  keyring: Keyring,
  since: number,
): Promise<FoundAlerts["altered"]> {
  const { rows } = await queryable.query(
    `SELECT ${ALERT_COLUMNS} FROM alerts
     WHERE NOT set_aside AND (resolved_at IS NULL AND NOT late OR raised_at >= $1) FOR UPDATE SKIP LOCKED`,
    [since],
  );
  return divide(rows, keyring).altered;
}

function divide(rows: readonly Row[], keyring: Keyring): FoundAlerts {
  const genuine: AlertRow[] = [];
  const altered: { id: number; patientId: string }[] = [];
  for (const row of rows) {
    try {
      genuine.push(readAlert(row, keyring));
    } catch (error) {
      if (!(error instanceof KeyError)) throw error;
      altered.push({ id: row.number("id"), patientId: row.text("patient_id") });
    }
  }
  return { rows: genuine, altered };
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
