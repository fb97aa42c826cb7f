import type { Purpose } from "@siphms/api";
import { appendAudit } from "../audit/index.ts";
import type { Database } from "../database/index.ts";

/** The event under which looks into a record stand in the audit log. */
export const DISCLOSED = "data.disclosed";

/** One record that is shown, and why. */
export interface ShownRecord {
  readonly patientId: string;
  readonly purpose: Purpose;
}

/** What is shown of whose records, and to whom. */
export interface Disclosure {
  readonly at: number;
  /** `staff:<id>` or `operator`. */
  readonly actor: string;
  readonly records: readonly ShownRecord[];
  readonly what:
    | "access-log"
    | "alerts"
    | "audit"
    | "break-glass"
    | "care"
    | "devices"
    | "evidence"
    | "evidence-file"
    | "live"
    | "messages"
    | "patient"
    | "plan"
    | "quarantine"
    | "readings"
    | "registry"
    | "summary"
    | "trends"
    | "worklist";
}

/**
 * Notes that records are being shown, an entry for each patient, before they are: what cannot be noted is not shown.
 *
 * This is the one seam through which every reading of a record goes into the audit log (SR-58).
 */
export async function noteDisclosure(database: Database, shown: Disclosure): Promise<void> {
  if (shown.records.length === 0) return;
  await database.withTransaction((tx) =>
    appendAudit(
      tx,
      shown.records.map(({ patientId, purpose }) => ({
        at: shown.at,
        event: DISCLOSED,
        actor: shown.actor,
        subject: patientId,
        object: shown.what,
        action: "read",
        outcome: "done",
        purpose,
      })),
    ),
  );
}
