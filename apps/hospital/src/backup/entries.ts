import type { AuditEntry } from "../audit/index.ts";
import type { Drilled } from "./drill.ts";
import type { MadeBackup } from "./make-backup.ts";

/** Who had it done: somebody at the command line, or the hospital's own clock. */
type Actor = "hospital" | "operator";

/** The audit entry of a backup that was made. */
export function entryOfBackup(made: MadeBackup, actor: Actor): AuditEntry {
  return {
    ...{ at: made.madeAt, event: "backup.made", actor, object: made.id },
    ...{ action: "create", outcome: "done" },
    detail: { rows: made.rows, bytes: made.bytes, durationMs: made.durationMs },
  };
}

/** The audit entry of a drill that went well. */
export function entryOfDrill({ restored, durationMs, ageMs }: Drilled, at: number): AuditEntry {
  return {
    ...{ at, event: "backup.drilled", actor: "operator", object: restored.backup },
    ...{ action: "execute", outcome: "done" },
    detail: { rows: restored.rows, auditIntact: restored.auditIntact, durationMs, ageMs },
  };
}

/** The audit entry of a drill that found a backup of no use. */
export function entryOfFailedDrill(backup: string, code: string, at: number): AuditEntry {
  return {
    ...{ at, event: "backup.drilled", actor: "operator", object: backup },
    ...{ action: "execute", outcome: "refused" },
    detail: { code },
  };
}
