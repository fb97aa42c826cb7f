import { errorFields, type Logger } from "@siphms/server-kit";
import { appendAudit } from "../audit/index.ts";
import { isShortage, type Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Notifier } from "../notify/index.ts";
import { auditNameOfAlert, storeAlert, type AlertRow } from "./alert-rows.ts";
import { lockOverdue } from "./find-alerts.ts";
import { inSavepoint } from "./savepoint.ts";
import { HOSPITAL, toTell } from "./write-works.ts";

/** What handing on needs. */
export interface EscalatePorts {
  readonly keyring: Keyring;
  readonly notifier: Pick<Notifier, "escalate">;
  readonly log: Logger;
}

/** What one round came to. */
export interface Escalated {
  /** Patients whose alerts were handed on. */
  readonly changed: readonly string[];
  readonly failed: number;
  readonly hasMore: boolean;
}

/** Handed on in one transaction. */
const CHUNK = 50;
/** What could not be handed on is tried again after so long. */
const RETRY_MS = 10_000;

/** Hands on every open alert that nobody has acknowledged in time. */
export async function escalateOverdue(
  tx: Transaction,
  now: number,
  ports: EscalatePorts,
): Promise<Escalated> {
  // An altered one is raised anew by whoever looks for those; here it is left alone.
  const { rows, altered } = await lockOverdue(tx, ports.keyring, { now, limit: CHUNK });
  const changed = new Set<string>();
  let failed = 0;
  for (const row of rows) {
    try {
      await inSavepoint(tx, (within) => escalate(within, { row, now }, ports));
      changed.add(row.patientId);
    } catch (error) {
      if (isShortage(error)) throw error;
      failed += 1;
      ports.log.error("an alert was not handed on", errorFields(error));
      await storeAlert(tx, { ...row, nextStepAt: now + RETRY_MS }, ports.keyring);
    }
  }
  return {
    changed: [...changed],
    failed,
    hasMore: rows.length + altered === CHUNK && changed.size > 0,
  };
}

async function escalate(
  tx: Transaction,
  { row, now }: { readonly row: AlertRow; readonly now: number },
  ports: EscalatePorts,
): Promise<void> {
  const alert = toTell(row, row.raisedAt);
  const { people, step, nextStepAt } = await ports.notifier.escalate(tx, alert, row.step + 1);
  await storeAlert(tx, { ...row, step, nextStepAt, updatedAt: now }, ports.keyring);
  if (people === 0) return;
  await appendAudit(tx, [
    {
      at: now,
      event: "alert.escalated",
      actor: HOSPITAL,
      subject: row.patientId,
      object: auditNameOfAlert(row.id),
      action: "execute",
      outcome: "done",
      detail: { step, people },
    },
  ]);
}
