import { appendAudit, type AuditEntry } from "../audit/index.ts";
import type { Database } from "../database/index.ts";

/** The event under which refused requests of signed-in staff stand in the audit log. */
export const REFUSED = "access.refused";

/** A request of a signed-in person that was not let through. */
export interface Refusal {
  readonly at: number;
  /** `staff:<id>`. */
  readonly actor: string;
  /** The patient whom the address named, where that was an id at all. */
  readonly patientId?: string | undefined;
  /** Method and pattern of the route; nothing that somebody typed. */
  readonly route: string;
  readonly why:
    | "in-care"
    | "not-of-patient"
    | "own-review"
    | "patient-unknown"
    | "policy"
    | "relation"
    | "role"
    | "step-up";
}

/** Notes a refusal before it is answered. */
export async function noteRefusal(database: Database, refusal: Refusal): Promise<void> {
  await database.withTransaction((tx) => appendAudit(tx, [refusalEntry(refusal)]));
}

/** The entry for a refusal, where a transaction is open already. */
export function refusalEntry({ at, actor, patientId, route, why }: Refusal): AuditEntry {
  return {
    at,
    event: REFUSED,
    actor,
    ...(patientId === undefined ? {} : { subject: patientId }),
    object: route,
    action: "execute",
    outcome: "refused",
    detail: { why },
  };
}
