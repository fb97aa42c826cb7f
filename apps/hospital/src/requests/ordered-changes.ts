import type { Request } from "@siphms/messages";
import type { Transaction } from "../database/index.ts";

/**
 * Notes that a change is being applied, unless one of the same patient and method that was asked for later or at the
 * same moment has been: a gateway must not undo a withdrawal by keeping an older wish back.
 *
 * To be called last before the change, so that what is refused for another reason does not count.
 *
 * @returns false for a change that comes too late: the answer is `stale`.
 * @see protocol section 6, "Requests"
 */
export async function applyInOrder(
  tx: Transaction,
  { method, created }: Pick<Request, "method" | "created">,
  { patientId, deviceId }: { readonly patientId: string; readonly deviceId: number },
): Promise<boolean> {
  const { count } = await tx.query(
    `INSERT INTO applied_changes AS last (patient_id, method, created_at, device_id)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (patient_id, method)
     DO UPDATE SET created_at = EXCLUDED.created_at, device_id = EXCLUDED.device_id
     WHERE last.created_at < EXCLUDED.created_at`,
    [patientId, method, created, deviceId],
  );
  return count === 1;
}
