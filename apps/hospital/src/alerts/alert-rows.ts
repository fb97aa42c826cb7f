import type { Finding } from "@siphms/alerts";
import type { Bytes } from "@siphms/cose";
import type { Row, Transaction } from "../database/index.ts";
import type { GrantingRow, Keyring, PatientCipher } from "../keys/index.ts";
import { sealFound } from "./alert-cells.ts";
import type { AlertLife } from "./life.ts";

/** One alert, the row's MAC checked. */
export interface AlertRow extends AlertLife {
  readonly id: number;
  readonly patientId: string;
  /** Sealed; `openFound` opens it. */
  readonly found: Bytes;
  /** Sealed; `openNote` opens it. */
  readonly note: Bytes | null;
  readonly version: number;
}

/** What rows are written with. */
export interface RowKeys {
  readonly keyring: Keyring;
  readonly cipher: PatientCipher;
}

/** The columns that {@link readAlert} takes. */
export const ALERT_COLUMNS = `id, patient_id, rule, channel, level, found, late, raised_at, at, updated_at,
  over_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by, note, step, next_step_at, version, mac`;

/** Which alerts are open. */
export const IS_OPEN = "resolved_at IS NULL AND NOT late AND NOT set_aside";

/** Adds an alert. */
export async function insertAlert(
  tx: Transaction,
  alert: {
    /** Of `nextId`. */
    readonly id: number;
    readonly patientId: string;
    readonly life: AlertLife;
    readonly finding: Finding;
  },
  { keyring, cipher }: RowKeys,
): Promise<AlertRow> {
  const { id, patientId, life } = alert;
  const found = sealFound(cipher, id, alert);
  const stored: AlertRow = { ...life, id, patientId, found, note: null, version: 1 };
  await tx.query(
    `INSERT INTO alerts (${ALERT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
       $14, $15, $16, $17, $18, $19, $20)`,
    [
      ...[stored.id, stored.patientId, stored.rule, stored.channel, stored.level, stored.found],
      ...[stored.late, stored.raisedAt, stored.at, stored.updatedAt, stored.overAt],
      ...[stored.acknowledged?.at ?? null, stored.acknowledged?.by ?? null],
      ...[stored.resolved?.at ?? null, stored.resolved?.by ?? null, stored.note],
      ...[stored.step, stored.nextStepAt, stored.version, keyring.rowMac(alertRow(stored))],
    ],
  );
  return stored;
}

/** Writes what has become of an alert whose row is locked. */
export async function storeAlert(
  tx: Transaction,
  changed: AlertRow,
  keyring: Keyring,
): Promise<AlertRow> {
  const stored: AlertRow = { ...changed, version: changed.version + 1 };
  await tx.query(
    `UPDATE alerts SET level = $2, found = $3, at = $4, updated_at = $5, over_at = $6, acknowledged_at = $7,
       acknowledged_by = $8, resolved_at = $9, resolved_by = $10, note = $11, step = $12, next_step_at = $13,
       version = $14, mac = $15
     WHERE id = $1`,
    [
      ...[stored.id, stored.level, stored.found, stored.at, stored.updatedAt, stored.overAt],
      ...[stored.acknowledged?.at ?? null, stored.acknowledged?.by ?? null],
      ...[stored.resolved?.at ?? null, stored.resolved?.by ?? null, stored.note],
      ...[stored.step, stored.nextStepAt, stored.version, keyring.rowMac(alertRow(stored))],
    ],
  );
  return stored;
}

/** Takes a row of `alerts` with {@link ALERT_COLUMNS}. @throws {KeyError} `ROW_ALTERED` */
export function readAlert(row: Row, keyring: Keyring): AlertRow {
  const alert: AlertRow = {
    id: row.number("id"),
    patientId: row.text("patient_id"),
    rule: row.text("rule"),
    channel: row.text("channel") === "technical" ? "technical" : "clinical",
    level: row.text("level") === "urgent" ? "urgent" : "warn",
    found: row.bytes("found"),
    late: row.boolean("late"),
    raisedAt: row.number("raised_at"),
    at: row.number("at"),
    updatedAt: row.number("updated_at"),
    overAt: row.numberOrNull("over_at"),
    acknowledged: readAcknowledged(row),
    resolved: readResolved(row),
    note: row.bytesOrNull("note"),
    step: row.number("step"),
    nextStepAt: row.numberOrNull("next_step_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(alertRow(alert), row.bytes("mac"));
  return alert;
}

/** How the audit log names an alert. */
export function auditNameOfAlert(id: number): string {
  return `alert:${String(id)}`;
}

/** A half of it alone was never written: it becomes something that no MAC fits. */
function readAcknowledged(row: Row): AlertRow["acknowledged"] {
  const at = row.numberOrNull("acknowledged_at");
  const by = row.textOrNull("acknowledged_by");
  return at === null && by === null ? null : { by: by ?? "", at: at ?? -1 };
}

function readResolved(row: Row): AlertRow["resolved"] {
  const at = row.numberOrNull("resolved_at");
  const by = row.textOrNull("resolved_by");
  return at === null && by === null ? null : { by, at: at ?? -1 };
}

/** The row as its MAC covers it: what keeps an alert quiet is a grant. */
function alertRow(alert: AlertRow): GrantingRow {
  return {
    table: "alerts",
    id: String(alert.id),
    version: alert.version,
    columns: {
      patient_id: alert.patientId,
      rule: alert.rule,
      channel: alert.channel,
      level: alert.level,
      found: alert.found,
      late: alert.late,
      raised_at: alert.raisedAt,
      at: alert.at,
      updated_at: alert.updatedAt,
      over_at: alert.overAt,
      acknowledged_at: alert.acknowledged?.at ?? null,
      acknowledged_by: alert.acknowledged?.by ?? null,
      resolved_at: alert.resolved?.at ?? null,
      resolved_by: alert.resolved?.by ?? null,
      note: alert.note,
      step: alert.step,
      next_step_at: alert.nextStepAt,
    },
  };
}
