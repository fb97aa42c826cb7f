import type { DemoClock } from "@siphms/api";
import type { Plan } from "@siphms/alerts";
import type { NamedMessage } from "../audit/index.ts";
import type { Queryable, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findClocks } from "../patients/index.ts";
import { loadPlans } from "../plans/index.ts";
import { BATCH_COLUMNS, readBatch, type StoredBatch } from "../records/index.ts";
import type { AlertRow } from "./alert-rows.ts";
import { lockOpenAlerts } from "./find-alerts.ts";
import { findStates, type StateRow } from "./patient-state.ts";

/** Everything that evaluating one patient needs, read and not opened. */
export interface Gathered {
  readonly patientId: string;
  /** `undefined` where the patient's row was altered, or is gone: nothing can be said of their time. */
  readonly clock: { readonly demo: DemoClock | null } | undefined;
  readonly plan: Plan;
  /** The patient's own plan was altered: the template's limits hold. */
  readonly isPlanAltered: boolean;
  readonly state: StateRow | undefined;
  /** Open alerts, locked. */
  readonly open: readonly AlertRow[];
  /** Messages that came since the last time. */
  readonly batches: readonly StoredBatch[];
  /** Whether the patient has a device that is theirs: else nothing is expected of any. */
  readonly hasDevice: boolean;
  /** When one of them was last heard of, real ms. */
  readonly heardAt: number | undefined;
}

/**
 * Reads what evaluating some patients needs: each question once for all of them.
 *
 * @returns also how many of their open alerts were altered in the database.
 */
export async function gather(
  tx: Transaction,
  wanted: { readonly patientIds: readonly string[]; readonly messages: readonly NamedMessage[] },
  keyring: Keyring,
): Promise<{ readonly patients: readonly Gathered[]; readonly altered: number }> {
  const { patientIds, messages } = wanted;
  const batches = await readNamed(tx, messages);
  const clocks = await findClocks(tx, keyring, patientIds);
  const plans = await loadPlans(tx, keyring, patientIds);
  const states = await findStates(tx, patientIds);
  const { rows: open, altered } = await lockOpenAlerts(tx, keyring, patientIds);
  const heard = await readHeard(tx, patientIds);
  const patients = patientIds.flatMap((patientId) => {
    const loaded = plans.get(patientId);
    const demo = clocks.get(patientId);
    if (loaded === undefined) return [];
    return [
      {
        patientId,
        clock: demo === undefined ? undefined : { demo },
        plan: loaded.plan,
        isPlanAltered: loaded.isAltered,
        state: states.get(patientId),
        open: open.filter((row) => row.patientId === patientId),
        batches: batches.get(patientId) ?? [],
        hasDevice: heard.has(patientId),
        heardAt: heard.get(patientId),
      },
    ];
  });
  return { patients, altered };
}

/** LATERAL with LIMIT keeps the planner on the indexes, whatever it believes about tables that grow fast. */
async function readNamed(
  queryable: Queryable,
  messages: readonly NamedMessage[],
): Promise<ReadonlyMap<string, readonly StoredBatch[]>> {
  const found = new Map<string, StoredBatch[]>();
  if (messages.length === 0) return found;
  const { rows } = await queryable.query(
    `SELECT b.patient_id, ${BATCH_COLUMNS.replace("d.kid", "w.kid")}
     FROM unnest($1::bytea[], $2::bytea[]) AS w (kid, message_id)
     CROSS JOIN LATERAL (SELECT id FROM devices WHERE kid = w.kid LIMIT 1) d
     CROSS JOIN LATERAL (
       SELECT * FROM batches WHERE device_id = d.id AND message_id = w.message_id LIMIT 1) b
     WHERE b.outcome < 3`,
    [messages.map(({ kid }) => kid), messages.map(({ messageId }) => messageId)],
  );
  for (const row of rows) {
    const patientId = row.text("patient_id");
    const own = found.get(patientId) ?? [];
    own.push(readBatch(row));
    found.set(patientId, own);
  }
  return found;
}

/** Requests and receipts are signs of life too. @returns an entry for each patient who has an active device. */
async function readHeard(
  queryable: Queryable,
  patientIds: readonly string[],
): Promise<ReadonlyMap<string, number | undefined>> {
  const { rows } = await queryable.query(
    `SELECT d.patient_id, max(c.last_seen_at) AS at FROM devices d
     LEFT JOIN device_contacts c ON c.device_id = d.id
     WHERE d.patient_id = ANY($1::uuid[]) AND d.state = 'active' GROUP BY d.patient_id`,
    [patientIds],
  );
  return new Map(rows.map((row) => [row.text("patient_id"), row.numberOrNull("at") ?? undefined]));
}
