import type { Role } from "@siphms/api";
import { appendAudit } from "../audit/index.ts";
import type { Database } from "../database/index.ts";

/** Roles that look after patients. The others administer, and are shown no patient. */
export const CARE_ROLES: readonly Role[] = ["doctor", "nurse"];

/** What was shown of one patient, or of all of them, to whom. */
export interface Disclosure {
  readonly at: number;
  /** `staff:<id>` or `operator`. */
  readonly actor: string;
  /** Left out where the whole worklist was shown. */
  readonly patientId?: string;
  readonly what: "devices" | "patient" | "quarantine" | "readings" | "summary" | "worklist";
}

/** Notes that patient data is being shown, before it is: what cannot be noted is not shown. */
export async function noteDisclosure(database: Database, shown: Disclosure): Promise<void> {
  await database.withTransaction((tx) =>
    appendAudit(tx, [
      {
        at: shown.at,
        event: "data.disclosed",
        actor: shown.actor,
        ...(shown.patientId === undefined ? {} : { subject: shown.patientId }),
        object: shown.what,
        action: "read",
        outcome: "done",
      },
    ]),
  );
}
