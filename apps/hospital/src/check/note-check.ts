import { appendAudit } from "../audit/index.ts";
import type { Database } from "../database/index.ts";

/** Puts on record that somebody had everything checked, and how many faults that gave. */
export function noteCheck(
  database: Database,
  {
    at,
    actor,
    findings,
  }: { readonly at: number; readonly actor: string; readonly findings: number },
): Promise<void> {
  return database.withTransaction((tx) =>
    appendAudit(tx, [
      {
        ...{ at, event: "hospital.checked", actor, action: "execute", outcome: "done" },
        detail: { findings },
      },
    ]),
  );
}
