import type { Level } from "@siphms/alerts";
import type { AlertHistory, AlertStand } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Notifier } from "../notify/index.ts";
import { sealNote } from "./alert-cells.ts";
import { auditNameOfAlert, storeAlert, type AlertRow } from "./alert-rows.ts";
import { findPatientsOf, lockAlert } from "./find-alerts.ts";
import { acknowledge, isHigher, resolve } from "./life.ts";
import { readHistory, readStands } from "./stands.ts";

/** What the desk needs. */
export interface AlertDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly notifier: Notifier;
  /** Told after the commit of each step that somebody took. */
  readonly onChanged: (patientIds: readonly string[]) => void;
}

/** What a step came to; but for `done` nothing has changed. */
export type StepOutcome =
  | "acknowledged-already"
  | "done"
  /** Its level has risen meanwhile: whoever did this has not seen that. */
  | "level-risen"
  | "resolved-already"
  /** No alert of this patient, or one that was altered in the database. */
  | "unknown"
  | "note-short";

/** One alert, and who does something about it. */
export interface OneAlert {
  readonly id: number;
  readonly patientId: string;
  readonly staffId: number;
}

/** Looking at alerts, and what people do about them. */
export interface AlertDesk {
  /** Open alerts and NEWS2 of these patients, each of whom has an answer. */
  stands(patientIds: readonly string[]): Promise<ReadonlyMap<string, AlertStand>>;
  /** A patient's alerts, newest first. @param before - Those with lower ids. */
  history(patientId: string, before: number | undefined): Promise<AlertHistory>;
  /** Says that somebody looks after it, @param level - as it stood before them. */
  acknowledge(one: OneAlert, level: Level): Promise<StepOutcome>;
  /** Closes an alert; if it is still so, it comes again when it begins anew or gets worse. */
  resolve(one: OneAlert, note: string): Promise<StepOutcome>;
  /** The patients of alerts, by their ids; ids of none are absent. */
  patientsOf(ids: readonly number[]): Promise<ReadonlyMap<number, string>>;
  /** Notes that alerts were on somebody's screen; only the first time of each counts. */
  seen(alerts: ReadonlyMap<number, string>, staffId: number): Promise<void>;
}

const MIN_NOTE = 3;

/** Joins alerts with their storage. */
export function createAlertDesk(ports: AlertDeskPorts): AlertDesk {
  const { database } = ports;
  return {
    stands: (patientIds) => readStands(patientIds, ports),
    history: (patientId, before) => readHistory({ patientId, before }, ports),
    acknowledge: (one, level) =>
      database.withTransaction(async (tx) => {
        const row = await lockAlert(tx, ports.keyring, one);
        if (row === undefined) return "unknown";
        if (row.resolved !== null) return "resolved-already";
        if (row.acknowledged !== null) return "acknowledged-already";
        if (isHigher(row.level, level)) return "level-risen";
        const life = acknowledge(row, auditNameOfStaff(one.staffId), ports.clock.now());
        await store(tx, { row: { ...row, ...life }, one, event: "acknowledged" }, ports);
        return "done";
      }),
    resolve: (one, note) =>
      database.withTransaction(async (tx) => {
        const text = note.trim();
        if (text.length < MIN_NOTE) return "note-short";
        const row = await lockAlert(tx, ports.keyring, one);
        if (row === undefined) return "unknown";
        if (row.resolved !== null) return "resolved-already";
        const cipher = await ports.keyring.patientCipher(tx, row.patientId);
        const life = resolve(row, auditNameOfStaff(one.staffId), ports.clock.now());
        const resolved = { ...row, ...life, note: sealNote(cipher, row.id, text) };
        await store(tx, { row: resolved, one, event: "resolved" }, ports);
        return "done";
      }),
    patientsOf: (ids) => findPatientsOf(database, ids),
    seen: (alerts, staffId) =>
      database.withTransaction((tx) => noteSeen(tx, { alerts, staffId }, ports)),
  };
}

async function store(
  tx: Transaction,
  step: { readonly row: AlertRow; readonly one: OneAlert; readonly event: string },
  { keyring, notifier, clock, onChanged }: AlertDeskPorts,
): Promise<void> {
  const { row, one, event } = step;
  await storeAlert(tx, row, keyring);
  await notifier.onAcknowledged(tx, row.id);
  await appendAudit(tx, [
    {
      at: clock.now(),
      event: `alert.${event}`,
      actor: auditNameOfStaff(one.staffId),
      subject: row.patientId,
      object: auditNameOfAlert(row.id),
      action: "update",
      outcome: "done",
      // What was typed stands sealed in the row.
      detail: { rule: row.rule, level: row.level, ended: row.resolved !== null },
    },
  ]);
  tx.afterCommit(() => {
    onChanged([row.patientId]);
  });
}

async function noteSeen(
  tx: Transaction,
  { alerts, staffId }: { readonly alerts: ReadonlyMap<number, string>; readonly staffId: number },
  { clock, notifier, onChanged }: AlertDeskPorts,
): Promise<void> {
  const at = clock.now();
  const { rows } = await tx.query(
    `INSERT INTO alert_seen (alert_id, staff_id, seen_at)
     SELECT id, $2, $3 FROM unnest($1::bigint[]) AS w (id) ORDER BY id
     ON CONFLICT (alert_id, staff_id) DO NOTHING RETURNING alert_id`,
    [[...alerts.keys()], staffId, at],
  );
  const fresh = rows.map((row) => row.number("alert_id"));
  // Whoever saw it before may have been told again since: when its level rose, or as the next in turn.
  await notifier.onSeen(tx, [...alerts.keys()], { staffId, at });
  await appendAudit(
    tx,
    fresh.map((id) => ({
      at,
      event: "alert.seen",
      actor: auditNameOfStaff(staffId),
      subject: alerts.get(id) ?? "",
      object: auditNameOfAlert(id),
      action: "read",
      outcome: "done",
    })),
  );
  tx.afterCommit(() => {
    onChanged([...new Set(alerts.values())]);
  });
}
