import { toHex } from "@siphms/cose";
import type { Transaction } from "../database/index.ts";

/** One thing that happened: who did what to what, and how it ended. */
export interface AuditEntry {
  /** ms, the hospital's clock. */
  readonly at: number;
  /** What happened, as a code: `device.confirmed`, `patient.registered`, `readings.disclosed`. */
  readonly event: string;
  /** Who: `operator`, `hospital`, somebody as {@link auditNameOfStaff} names them, or a device as {@link auditNameOfDevice} does. */
  readonly actor: string;
  /** The patient concerned, by id. */
  readonly subject?: string;
  /** What was acted on, by its id. */
  readonly object?: string;
  /** `create`, `read`, `update`, `delete` or `execute`. */
  readonly action: string;
  /** `done` or `refused`. */
  readonly outcome: string;
  /** Codes, counts and ids. Never a name, a value, a key or a text that somebody typed. */
  readonly detail?: Readonly<Record<string, boolean | number | string>>;
}

/**
 * Notes events in the transaction that makes them true, so that neither stands without the other.
 *
 * This is the seam of the tamper-evident log: nothing else writes audit entries.
 */
export async function appendAudit(tx: Transaction, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(
    `INSERT INTO audit_events (at, event, actor, subject, object, action, outcome, detail)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[],
       $7::text[], $8::jsonb[])`,
    [
      entries.map((entry) => entry.at),
      entries.map((entry) => entry.event),
      entries.map((entry) => entry.actor),
      entries.map((entry) => entry.subject ?? null),
      entries.map((entry) => entry.object ?? null),
      entries.map((entry) => entry.action),
      entries.map((entry) => entry.outcome),
      entries.map((entry) => JSON.stringify(entry.detail ?? {})),
    ],
  );
}

/** How the audit log names a member of staff, as actor and as object: `staff:<id>`. */
export function auditNameOfStaff(id: number): string {
  return `staff:${String(id)}`;
}

/** How the audit log names a device, as actor and as object: `device:<kid in hex>`. */
export function auditNameOfDevice(kid: Uint8Array): string {
  return `device:${toHex(kid)}`;
}
