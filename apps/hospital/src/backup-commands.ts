import { errorFields, EXIT, ServerKitError, systemClock, type Logger } from "@siphms/server-kit";
import { createNodeCrypto } from "@siphms/node-crypto";
import { appendAudit, type AuditEntry } from "./audit/index.ts";
import {
  BackupError,
  createBackupNotes,
  drillBackup,
  entryOfDrill,
  entryOfFailedDrill,
  makeBackup,
  newestToTry,
  noteBackup,
  restoreBackup,
  type Drilled,
  type StoredBackup,
} from "./backup/index.ts";
import type { Database } from "./database/index.ts";
import { explained, kekOptionsOf, openInstalled, type InstalledFoundation } from "./foundation.ts";
import { loadKek } from "./keys/index.ts";
import type { HospitalSettings } from "./settings.ts";
import { surroundingsOf } from "./surroundings.ts";

interface Outputs {
  readonly log: Logger;
  /** Takes one line of JSON. */
  readonly tell: (line: string) => void;
}

const clock = systemClock;

/**
 * Makes a backup, beside a hospital that runs or of one that does not.
 *
 * @param words - The folder of the backups, in place of the setting's.
 */
export async function backup(
  given: HospitalSettings,
  words: readonly string[],
  outputs: Outputs,
): Promise<number> {
  const settings = withFolder(given, words[0]);
  return withInstalled(settings, outputs, async (installed, backups) => {
    const { database, installation } = installed;
    const notes = createBackupNotes({ database, clock, actor: "operator" });
    return noteBackup(notes, (begun) =>
      makeBackup({
        ...installed,
        ...{ databaseUrl: settings.databaseUrl, clock, backups, begun },
        hospitalId: installation.hospitalId,
      }),
    );
  });
}

/**
 * Restores a backup into the empty database that the settings name.
 *
 * @param words - The backup's folder; and another backup's, whose keys are taken.
 */
export async function restore(
  settings: HospitalSettings,
  words: readonly string[],
  { tell }: Outputs,
): Promise<number> {
  const [folder, keysFrom] = words;
  const { databaseAdminUrl: adminUrl, databaseUrl } = settings;
  if (folder === undefined || adminUrl === undefined) {
    throw wrongUse("A restore needs the backup's folder, and DATABASE_ADMIN_URL set.");
  }
  return refusals(async () => {
    const kek = await loadKek(surroundingsOf(settings).kek, kekOptionsOf(settings));
    const serviceRole = decodeURIComponent(new URL(databaseUrl).username);
    const restored = await restoreBackup(
      { folder, keysFrom, adminUrl, serviceRole },
      { kek, clock, crypto: createNodeCrypto() },
    );
    tell(JSON.stringify(restored));
  });
}

/**
 * Tries the newest backup out in a scratch database, and notes in the hospital's log how that went.
 *
 * @param words - The folder of the backups, in place of the setting's.
 */
export async function drill(
  given: HospitalSettings,
  words: readonly string[],
  outputs: Outputs,
): Promise<number> {
  const settings = withFolder(given, words[0]);
  const { drillUrl } = settings;
  if (drillUrl === undefined) {
    throw wrongUse("A drill needs SIPHMS_HOSPITAL_DRILL_URL: an empty database of its own.");
  }
  return withInstalled(settings, outputs, async (installed, backups) => {
    const hospital = installed.installation.hospitalId;
    const { keyring } = installed;
    const newest = await newestToTry(backups, { hospital, keyring, now: clock.now() });
    if (newest === undefined) {
      throw new BackupError("BACKUP_MISSING", `there is no backup of this hospital in ${backups}`);
    }
    const drilled = await drillNoting(newest, installed, drillUrl);
    return { ...drilled, folder: newest.folder };
  });
}

async function drillNoting(
  newest: StoredBackup,
  installed: InstalledFoundation,
  scratchUrl: string,
): Promise<Drilled> {
  const { database } = installed;
  try {
    const drilled = await drillBackup(newest, { ...installed, clock, scratchUrl });
    await note(database, entryOfDrill(drilled, clock.now()));
    return drilled;
  } catch (error) {
    // Whatever it was: with this backup, here and now, nothing could be restored.
    const code = errorFields(error).errorCode ?? "UNKNOWN";
    const entry = entryOfFailedDrill(newest.id, code, clock.now());
    // Where the database itself is away nothing can be noted, and that is what is said.
    await note(database, entry).catch(() => undefined);
    throw error;
  }
}

function note(database: Database, entry: AuditEntry): Promise<void> {
  return database.withTransaction((tx) => appendAudit(tx, [entry]));
}

function withFolder(settings: HospitalSettings, folder: string | undefined): HospitalSettings {
  return folder === undefined ? settings : { ...settings, backupFolder: folder };
}

async function withInstalled(
  settings: HospitalSettings,
  { log, tell }: Outputs,
  work: (installed: InstalledFoundation, backups: string) => Promise<object>,
): Promise<number> {
  const { backupFolder } = settings;
  if (backupFolder === undefined) {
    throw wrongUse("Name the folder of the backups, or set SIPHMS_HOSPITAL_BACKUP_FOLDER.");
  }
  const installed = await openInstalled(settings, log);
  try {
    return await refusals(async () => {
      tell(JSON.stringify(await work(installed, backupFolder)));
    });
  } finally {
    await installed.database.close();
  }
}

/** What is wrong with a backup is said in words: the command was right, so it has failed and was not used wrongly. */
async function refusals(work: () => Promise<void>): Promise<number> {
  try {
    await explained(work);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    process.stderr.write(`hospital: ${error.message} (${error.code})\n`);
    return EXIT.failed;
  }
}

function wrongUse(message: string): ServerKitError {
  return new ServerKitError("SETTING_INVALID", message);
}
