import { appendAudit } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import { KeyError, type Keyring } from "../keys/index.ts";
import type { Notifier } from "../notify/index.ts";
import { openFound, type Found } from "./alert-cells.ts";
import { auditNameOfAlert } from "./alert-rows.ts";
import { findAltered, type AlteredAlert } from "./find-alerts.ts";
import { inSavepoint } from "./savepoint.ts";
import { HOSPITAL, writeWorks } from "./write-works.ts";

/** What raising anew needs. */
export interface AlteredPorts {
  readonly keyring: Keyring;
  readonly notifier: Pick<Notifier, "onAcknowledged" | "onRaised">;
}

/** Alerts that were raised before this are history: `siphms check` tells of those. */
const LOOK_BACK_MS = 7 * 24 * 3_600_000;

/**
 * Looks for alerts that somebody changed in the database, or took away, and raises each anew, as nobody had acknowledged it:
 * what was found stands sealed in the row. The altered row is set aside and stays for whoever looks into it.
 *
 * Where nothing can be read any more, what is remembered of the patient is given up: whatever is still so begins anew with
 * the next value.
 *
 * @returns the patients of altered ones.
 */
export async function raiseAltered(
  tx: Transaction,
  now: number,
  ports: AlteredPorts,
): Promise<readonly string[]> {
  const altered = await findAltered(tx, ports.keyring, now - LOOK_BACK_MS);
  for (const { id } of altered) {
    await tx.query("UPDATE alerts SET set_aside = true WHERE id = $1", [id]);
    await ports.notifier.onAcknowledged(tx, id);
  }
  for (const one of altered) {
    const { id, patientId } = one;
    const found = one.isThere ? await readFound(tx, one, ports.keyring) : undefined;
    if (found === undefined) {
      await tx.query("DELETE FROM alert_states WHERE patient_id = $1", [patientId]);
    }
    await appendAudit(tx, [
      {
        at: now,
        event: "alert.altered",
        actor: HOSPITAL,
        subject: patientId,
        object: auditNameOfAlert(id),
        action: "update",
        outcome: "done",
        detail: { raised: found !== undefined },
      },
    ]);
    if (found !== undefined) await raiseAnew(tx, found, { ...ports, now });
  }
  return altered.map(({ patientId }) => patientId);
}

interface FoundOf extends Found {
  readonly patientId: string;
}

/** The seal is the patient's own: what opens under their key is about them, whatever else was changed. */
async function readFound(
  tx: Transaction,
  { id, patientId }: AlteredAlert,
  keyring: Keyring,
): Promise<FoundOf | undefined> {
  try {
    const cipher = await keyring.patientCipher(tx, patientId);
    const { rows } = await tx.query("SELECT found FROM alerts WHERE id = $1", [id]);
    const [row] = rows;
    return row && { ...openFound(cipher, id, row.bytes("found")), patientId };
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}

async function raiseAnew(
  tx: Transaction,
  found: FoundOf,
  { keyring, notifier, now }: AlteredPorts & { readonly now: number },
): Promise<void> {
  const { patientId, rule, channel, level, at, finding } = found;
  const cipher = await keyring.patientCipher(tx, patientId);
  const life = {
    ...{ rule, channel, level, at, late: false, raisedAt: now, updatedAt: now },
    ...{ overAt: null, acknowledged: null, resolved: null, step: 0, nextStepAt: null },
  };
  const work = { row: undefined, life, finding, tell: true, events: ["raised"] } as const;
  // Where it was raised again in the meantime, that one is enough.
  if (await hasOpen(tx, patientId, rule)) return;
  await inSavepoint(tx, (within) =>
    writeWorks(within, [work], { patientId, keyring, cipher, notifier, now }),
  );
}

async function hasOpen(tx: Transaction, patientId: string, rule: string): Promise<boolean> {
  const { count } = await tx.query(
    `SELECT id FROM alerts WHERE patient_id = $1 AND rule = $2 AND resolved_at IS NULL AND NOT late
       AND NOT set_aside`,
    [patientId, rule],
  );
  return count > 0;
}
