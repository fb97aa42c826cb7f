import { appendAudit, type AuditEntry } from "../audit/index.ts";
import { nextId, type Transaction } from "../database/index.ts";
import { sealFound } from "./alert-cells.ts";
import type { AlertToTell, Notifier } from "../notify/index.ts";
import {
  auditNameOfAlert,
  insertAlert,
  storeAlert,
  type AlertRow,
  type RowKeys,
} from "./alert-rows.ts";
import type { Work } from "./works.ts";

/** What writing needs beside the transaction. */
export interface WriteContext extends RowKeys {
  readonly patientId: string;
  readonly notifier: Pick<Notifier, "onAcknowledged" | "onRaised">;
  /** Real time, ms. */
  readonly now: number;
}

/** The actor of what happens by itself. */
export const HOSPITAL = "hospital";

/** Writes what became of a patient's alerts, has people told, and notes it: all in one transaction. */
export async function writeWorks(
  tx: Transaction,
  works: readonly Work[],
  context: WriteContext,
): Promise<void> {
  const entries: AuditEntry[] = [];
  for (const work of works) {
    const row = work.tell ? await tell(tx, work, context) : await write(tx, work, context);
    if (!work.tell && row.resolved !== null) await context.notifier.onAcknowledged(tx, row.id);
    entries.push(...work.events.map((event) => entryOf(row, { event, now: context.now })));
  }
  await appendAudit(tx, entries);
}

/** The alert as those who have people told know it. */
export function toTell(row: AlertRow, raised: number): AlertToTell {
  const { id, patientId, channel, level } = row;
  return { id, patientId, channel, level, raised };
}

/** Has people told first: when it is handed on next is written with it. */
async function tell(tx: Transaction, work: Work, context: WriteContext): Promise<AlertRow> {
  const { patientId, now, notifier } = context;
  const id = work.row?.id ?? (await nextId(tx, "alerts"));
  // What somebody saw before was less than this; that they did stands in the audit log.
  if (work.row !== undefined) await tx.query("DELETE FROM alert_seen WHERE alert_id = $1", [id]);
  const { channel, level } = work.life;
  const told = { id, patientId, channel, level, raised: now };
  const { nextStepAt } = await notifier.onRaised(tx, told);
  return write(tx, { ...work, life: { ...work.life, nextStepAt } }, { ...context, id });
}

async function write(
  tx: Transaction,
  { row, life, finding }: Work,
  context: WriteContext & { readonly id?: number },
): Promise<AlertRow> {
  const { patientId, cipher, keyring } = context;
  if (row !== undefined) {
    const found = finding === undefined ? row.found : sealFound(cipher, row.id, { life, finding });
    return storeAlert(tx, { ...row, ...life, found }, keyring);
  }
  if (finding === undefined) throw new TypeError("a new alert without a finding");
  const id = context.id ?? (await nextId(tx, "alerts"));
  return insertAlert(tx, { id, patientId, life, finding }, context);
}

/** What happened to an alert, for the audit log: codes and no value. */
function entryOf(
  row: AlertRow,
  { event, now }: { readonly event: string; readonly now: number },
): AuditEntry {
  const { id, patientId, rule, level, channel } = row;
  return {
    at: now,
    event: `alert.${event}`,
    actor: HOSPITAL,
    subject: patientId,
    object: auditNameOfAlert(id),
    action: event === "raised" || event === "late" ? "create" : "update",
    outcome: "done",
    detail: { rule, level, channel },
  };
}
