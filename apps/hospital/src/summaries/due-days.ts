import type { Queryable, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { clinicalTime, findPatient } from "../patients/index.ts";
import { loadDecisions } from "../records/index.ts";
import { closedUntil } from "./closing.ts";
import { tallyHours } from "./raw-hours.ts";
import { loadHoursOfDays, storeSummaries } from "./stored-summaries.ts";
import { DAY_MS, HOUR_MS, joinTallies } from "./tally.ts";

/** One day of one patient with hours that are due. */
export interface DueDay {
  readonly patientId: string;
  /** Its beginning, ms. */
  readonly day: number;
}

/** Days found at once. */
const MAX_DAYS = 1000;
/** What could not be made is tried again after this. */
const RETRY_MS = 3_600_000;

/** Finds days with hours that are due and closed in real time, the earliest first, but for those that failed lately. */
export async function findDueDays(queryable: Queryable, now: number): Promise<readonly DueDay[]> {
  const { rows } = await queryable.query(
    `SELECT DISTINCT patient_id, hour_at - hour_at % $1 AS day FROM summaries_due
     WHERE hour_at < $2 AND (tried_at IS NULL OR tried_at < $3) ORDER BY day LIMIT $4`,
    [DAY_MS, closedUntil(now), now - RETRY_MS, MAX_DAYS],
  );
  return rows.map((row) => ({ patientId: row.text("patient_id"), day: row.number("day") }));
}

/**
 * Makes the summaries of a day's hours that are closed and due, and then the day's.
 *
 * To be called by one at a time: a day is joined from all its hours.
 *
 * @returns How many hours were due.
 * @throws {KeyError} when the patient or a message was changed in the database, or the patient is erased.
 */
export async function makeDueDay(
  tx: Transaction,
  { patientId, day }: DueDay,
  { keyring, now }: { readonly keyring: Keyring; readonly now: number },
): Promise<number> {
  const patient = await findPatient(tx, keyring, patientId);
  if (patient === undefined) throw new RangeError("patientId: no such patient");
  const { demo } = patient;
  const end = Math.min(day + DAY_MS, closedUntil(clinicalTime(demo, now)));
  const { rows } = await tx.query(
    `DELETE FROM summaries_due WHERE patient_id = $1 AND hour_at >= $2 AND hour_at < $3
     RETURNING hour_at`,
    [patientId, day, end],
  );
  if (rows.length === 0) return 0;
  const due = rows.map((row) => row.number("hour_at"));
  const cipher = await keyring.patientCipher(tx, patientId);
  const range = { from: Math.min(...due), to: Math.max(...due) + HOUR_MS };
  const decisions = await loadDecisions(tx, keyring, patientId);
  const { hours } = await tallyHours({ queryable: tx, cipher, patientId, demo, decisions }, range);
  const owner = { patientId, cipher };
  const made = new Map(due.map((hour) => [hour, hours.get(hour)]));
  await storeSummaries(tx, owner, { span: "hour", periods: made, now });
  const all = [...(await loadHoursOfDays(tx, owner, [day])).values()];
  const whole = all.length === 0 ? undefined : joinTallies(...all.map((one) => one.values()));
  await storeSummaries(tx, owner, { span: "day", periods: new Map([[day, whole]]), now });
  return due.length;
}

/** Notes that a day could not be made, so that it does not stand in the way of the others. */
export async function noteFailure(
  queryable: Queryable,
  { patientId, day }: DueDay,
  now: number,
): Promise<void> {
  await queryable.query(
    `UPDATE summaries_due SET tried_at = $4
     WHERE patient_id = $1 AND hour_at >= $2 AND hour_at < $3`,
    [patientId, day, day + DAY_MS, now],
  );
}
