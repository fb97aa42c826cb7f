import { randomUUID } from "node:crypto";
import type { Told } from "@siphms/api";
import type { Level } from "@siphms/alerts";
import { auditNameOfStaff } from "../audit/index.ts";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { readStaffNames } from "../staff/index.ts";
import type { AlertToTell } from "./ports.ts";

/** Who is told, and by what way; nobody by name where it is the webhook. */
export interface NewTelling {
  readonly way: Told["way"];
  readonly staffId: number | null;
}

/** Queues what is to be told of one alert at one step. E-mail and webhook are due at once. */
export async function insertTellings(
  tx: Transaction,
  tellings: readonly NewTelling[],
  told: { readonly alert: AlertToTell; readonly step: number; readonly at: number },
): Promise<void> {
  if (tellings.length === 0) return;
  const { alert, step, at } = told;
  await tx.query(
    `INSERT INTO alert_tellings
       (message_id, way, staff_id, alert_id, patient_id, level, raised_at, step, told_at, next_try_at)
     SELECT t.message_id, t.way, t.staff_id, $4, $5, $6, $7, $8, $9,
       CASE WHEN t.way <> 'console' THEN $9::bigint END
     FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS t (message_id, way, staff_id)`,
    [
      tellings.map(() => randomUUID()),
      tellings.map(({ way }) => way),
      tellings.map(({ staffId }) => staffId),
      ...[alert.id, alert.patientId, alert.level, alert.raised, step, at],
    ],
  );
}

/** Takes back what of one alert has not left. */
export async function withdrawTellings(
  tx: Transaction,
  { alertId, at }: { readonly alertId: number; readonly at: number },
): Promise<void> {
  await tx.query(
    `UPDATE alert_tellings SET state = 'withdrawn', settled_at = $2, next_try_at = NULL
     WHERE alert_id = $1 AND state = 'waiting' AND way <> 'console'`,
    [alertId, at],
  );
}

/** Counts what was told to one person at the console as delivered. */
export async function markShown(
  tx: Transaction,
  alertIds: readonly number[],
  { staffId, at }: { readonly staffId: number; readonly at: number },
): Promise<void> {
  await tx.query(
    `UPDATE alert_tellings SET state = 'delivered', settled_at = $3
     WHERE alert_id = ANY($1::bigint[]) AND staff_id = $2 AND way = 'console' AND state = 'waiting'`,
    [alertIds, staffId, at],
  );
}

/** Whether anybody was ever told of an alert. */
export async function wasTold(queryable: Queryable, alertId: number): Promise<boolean> {
  const { rows } = await queryable.query(
    "SELECT 1 AS one FROM alert_tellings WHERE alert_id = $1 AND staff_id IS NOT NULL LIMIT 1",
    [alertId],
  );
  return rows.length > 0;
}

/** See `Notifier.tellingsOf`. `webhookHost`: how the webhook's receiver is named. */
export async function readTellings(
  queryable: Queryable,
  alertIds: readonly number[],
  named: { readonly keyring: Keyring; readonly webhookHost: string | undefined },
): Promise<ReadonlyMap<number, readonly Told[]>> {
  if (alertIds.length === 0) return new Map();
  const { rows } = await queryable.query(
    `SELECT alert_id, staff_id, way, step, state, told_at, settled_at, tries FROM alert_tellings
     WHERE alert_id = ANY($1::bigint[]) AND state <> 'withdrawn' ORDER BY id`,
    [alertIds],
  );
  const names = await readStaffNames(queryable, named.keyring);
  const byAlert = new Map<number, Told[]>();
  for (const row of rows) {
    const staffId = row.numberOrNull("staff_id");
    const name = staffId === null ? named.webhookHost : names.get(auditNameOfStaff(staffId));
    const told = toldOf(row, name ?? (staffId === null ? "webhook" : auditNameOfStaff(staffId)));
    const alertId = row.number("alert_id");
    const list = byAlert.get(alertId) ?? [];
    list.push(told);
    byAlert.set(alertId, list);
  }
  return byAlert;
}

function toldOf(row: Row, to: string): Told {
  const settled = row.numberOrNull("settled_at");
  return {
    to,
    way: parseWay(row.text("way")),
    step: row.number("step"),
    state: parseState(row.text("state")),
    at: row.number("told_at"),
    ...(settled === null ? {} : { settled }),
    tries: row.number("tries"),
  };
}

function parseWay(text: string): Told["way"] {
  return text === "email" || text === "webhook" ? text : "console";
}

function parseState(text: string): Told["state"] {
  return text === "delivered" || text === "failed" ? text : "waiting";
}

/** A level as it stands in the database. */
export function parseLevel(text: string): Level {
  return text === "warn" ? "warn" : "urgent";
}
