import { toHex } from "@siphms/cose";
import type { AuditEntry, Transaction } from "../database/index.ts";

/**
 * Notes events in the transaction that makes them true, so that neither stands without the other.
 *
 * This is the seam of the tamper-evident log: nothing else writes audit entries.
 */
export async function appendAudit(tx: Transaction, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length > 0) await tx.audit.append(tx, entries);
}

/** How the audit log names a member of staff, as actor and as object: `staff:<id>`. */
export function auditNameOfStaff(id: number): string {
  return `staff:${String(id)}`;
}

/** How the audit log names a device, as actor and as object: `device:<kid in hex>`. */
export function auditNameOfDevice(kid: Uint8Array): string {
  return `device:${toHex(kid)}`;
}
