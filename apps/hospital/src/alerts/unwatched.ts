import type { Transaction } from "../database/index.ts";
import { KeyError, type Keyring } from "../keys/index.ts";
import { NOTHING_REMEMBERED, sealRemembered, storeStates } from "./patient-state.ts";

/** Begun at once; the others have their turn with the next look. */
const LIMIT = 200;

/**
 * Lets those be watched who have a device, but of whom nothing was ever evaluated: it has sent no reading since there are
 * alerts. Else nobody would be told that it is silent.
 *
 * Writes states, so it is done under the lock of whoever evaluates.
 */
export async function beginWatching(
  tx: Transaction,
  { keyring, now }: { readonly keyring: Keyring; readonly now: number },
): Promise<void> {
  const { rows } = await tx.query(
    `SELECT DISTINCT d.patient_id FROM devices d WHERE d.state = 'active'
       AND NOT EXISTS (SELECT FROM alert_states s WHERE s.patient_id = d.patient_id) LIMIT $1`,
    [LIMIT],
  );
  const states: Parameters<typeof storeStates>[1][number][] = [];
  for (const row of rows) {
    const patientId = row.text("patient_id");
    try {
      const cipher = await keyring.patientCipher(tx, patientId);
      const remembered = { ...NOTHING_REMEMBERED, nextAt: now };
      const sealed = sealRemembered(cipher, patientId, remembered);
      states.push({ patientId, sealed, nextAt: now });
    } catch (error) {
      // Erased, or altered: there is nobody to be watched, or nothing to be sealed with.
      if (!(error instanceof KeyError)) throw error;
    }
  }
  await storeStates(tx, states);
}
