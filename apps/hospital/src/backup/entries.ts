import type { AuditEntry } from "../audit/index.ts";
import type { Drilled } from "./drill.ts";
import type { OldBackup } from "./folder.ts";
import type { MadeBackup } from "./make-backup.ts";

/** Who had it done: somebody at the command line, or the hospital's own clock. */
export type BackupActor = "hospital" | "operator";

/** When something was done to a backup, and who had it done. */
interface Act {
  readonly at: number;
  readonly actor: BackupActor;
}

/** The audit entry of a backup that begins: from now on a sealed copy may lie outside of the database. */
export function entryOfBegun(id: string, { at, actor }: Act): AuditEntry {
  return {
    ...{ at, event: "backup.begun", actor, object: id },
    ...{ action: "create", outcome: "done" },
  };
}

/** The audit entry of a backup that could not be made. @param id - Of one that had begun. */
export function entryOfFailedBackup(
  id: string | undefined,
  code: string,
  { at, actor }: Act,
): AuditEntry {
  return {
    ...{ at, event: "backup.made", actor, ...(id === undefined ? {} : { object: id }) },
    ...{ action: "create", outcome: "refused" },
    detail: { code },
  };
}

/** The audit entry of a backup that has had its time. */
export function entryOfRemoval({ id, madeAt }: OldBackup, { at, actor }: Act): AuditEntry {
  return {
    ...{ at, event: "backup.removed", actor, object: id },
    ...{ action: "delete", outcome: "done" },
    detail: { madeAt },
  };
}

/** The audit entry of a backup that was made. */
export function entryOfBackup(made: MadeBackup, actor: BackupActor): AuditEntry {
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
