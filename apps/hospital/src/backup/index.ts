export { BackupError } from "./error.ts";
export type { BackupErrorCode } from "./error.ts";
export {
  findBackups,
  isFromFuture,
  listBackups,
  newestBackup,
  newestToTry,
} from "./find-backups.ts";
export type { BackupFault, BrokenBackup, StoredBackup, WholeBackup } from "./find-backups.ts";
export { makeBackup } from "./make-backup.ts";
export type { BackupPorts, MadeBackup } from "./make-backup.ts";
export { restoreBackup } from "./restore.ts";
export type { Restored } from "./restore.ts";
export { drillBackup } from "./drill.ts";
export type { Drilled } from "./drill.ts";
export { entryOfDrill, entryOfFailedDrill } from "./entries.ts";
export { createBackupNotes, noteBackup } from "./notes.ts";
export type { BackupNotes } from "./notes.ts";
export { createBackupJob } from "./job.ts";
