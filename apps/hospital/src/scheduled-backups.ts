import type { Clock, Lifecycle, Logger } from "@siphms/server-kit";
import { BackupError, createBackupJob, createBackupNotes, makeBackup } from "./backup/index.ts";
import type { InstalledFoundation } from "./foundation.ts";
import { noteSystemFault } from "./notify/index.ts";
import type { HospitalSettings } from "./settings.ts";

const HOUR_MS = 3_600_000;

/** Starts the backups that are made by themselves, where the settings say a folder; administrators hear of one that fails. */
export function startBackups(
  installed: InstalledFoundation,
  settings: Pick<HospitalSettings, "backupFolder" | "backupHours" | "backupsKept" | "databaseUrl">,
  {
    clock,
    log,
    lifecycle,
  }: { readonly clock: Clock; readonly log: Logger; readonly lifecycle: Pick<Lifecycle, "onStop"> },
): void {
  const { backupFolder: backups, databaseUrl, backupHours, backupsKept: kept } = settings;
  if (backups === undefined) return;
  const { database, keyring } = installed;
  const { hospitalId } = installed.installation;
  const job = createBackupJob({
    ...{ clock, log, hospitalId, keyring, backups, kept, everyMs: backupHours * HOUR_MS },
    notes: createBackupNotes({ database, clock, actor: "hospital" }),
    make: (begun) => makeBackup({ ...installed, databaseUrl, clock, hospitalId, backups, begun }),
    async onFailed(error) {
      const isDisk = error instanceof BackupError && error.code === "BACKUP_NOT_WRITTEN";
      const reason = isDisk ? "backup-not-written" : "backup-failed";
      await database.withTransaction((tx) =>
        noteSystemFault(tx, { what: "backup-failed", reason }, clock.now()),
      );
    },
  });
  lifecycle.onStop({ name: "backups", stop: () => job.stop() });
  job.start();
}
