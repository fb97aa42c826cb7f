import { mkdir, open, readdir, rename, rm, statfs } from "node:fs/promises";
import path from "node:path";
import type { PartHeader } from "./description.ts";
import { BackupError } from "./error.ts";
import {
  findBackups,
  isFromFuture,
  type BackupOwner,
  type StoredBackup,
  type WholeBackup,
} from "./find-backups.ts";
import { backupName } from "./names.ts";
import { isOfSystem } from "./part-file.ts";

/** What is being written has another name until it is whole. */
const UNFINISHED = "unfinished-";

/**
 * Has a backup written and makes it whole in one step: until then, and where that fails, there is none.
 *
 * @param write - Writes all files, synced, into the folder that it is given.
 * @throws {BackupError} `BACKUP_NOT_WRITTEN` for what the disk refuses; what `write` throws.
 */
export async function publishBackup(
  backups: string,
  { id, madeAt, hospital }: Pick<PartHeader, "hospital" | "madeAt"> & { readonly id: string },
  write: (folder: string) => Promise<void>,
): Promise<string> {
  const unfinished = path.join(backups, `${UNFINISHED}${hospital}-${id}`);
  const folder = path.join(backups, backupName(id, madeAt));
  try {
    await mkdir(backups, { recursive: true, mode: 0o700 });
    await removeUnfinished(backups, hospital);
    await mkdir(unfinished, { mode: 0o700 });
    await write(unfinished);
    await syncFolder(unfinished);
    await rename(unfinished, folder);
    await syncFolder(backups);
    return folder;
  } catch (error) {
    // Where even this fails it keeps its name, by which nobody takes it for a backup.
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw isOfSystem(error) ? notWritten(backups, error) : error;
  }
}

/**
 * Makes sure that backups can go into a folder: that it is there, and has room for one and a half of the newest.
 *
 * A folder that is missing is not made: where a disk is not mounted, it would be on the wrong one.
 *
 * @throws {BackupError} `BACKUP_NOT_WRITTEN`
 */
export async function requireRoom(backups: string, newest: WholeBackup | undefined): Promise<void> {
  const disk = await statfs(backups).catch((cause: unknown) => {
    throw new BackupError(
      "BACKUP_NOT_WRITTEN",
      `no backup was made: there is no folder ${backups}. Mount its disk, or make the folder`,
      { cause },
    );
  });
  if (newest === undefined) return;
  const wanted = ROOM * newest.bytes;
  if (disk.bavail * disk.bsize >= wanted) return;
  throw new BackupError(
    "BACKUP_NOT_WRITTEN",
    `no backup was made: the disk of ${backups} has not enough room for another one. Earlier backups are untouched`,
  );
}

/** A backup grows from one to the next. */
const ROOM = 1.5;

/**
 * Removes all but the newest whole backups of a hospital, and what is broken and older than those: that takes nobody's place.
 *
 * @param options.removing - Told of what goes, before it goes; where that fails, nothing does.
 */
export async function pruneBackups(
  backups: string,
  { kept, now, removing, ...owner }: PruneOptions,
): Promise<void> {
  const { whole, broken } = await findBackups(backups, owner);
  // One from the future takes nobody's place either.
  const past = whole.filter((backup) => !isFromFuture(backup, now));
  const last = past[kept - 1];
  if (last === undefined) return;
  const old = [
    ...past.slice(kept),
    ...broken.filter((one) => one.hospital === owner.hospital && one.madeAt < last.madeAt),
  ];
  if (old.length > 0) await removing(old);
  for (const { folder } of old) {
    // First out of sight, so that what is left of it when this is broken off is no backup.
    const gone = path.join(backups, `${UNFINISHED}${owner.hospital}-${path.basename(folder)}`);
    await rename(folder, gone);
    await rm(gone, { recursive: true });
  }
}

/** What stays of a hospital's backups, and who is told of the rest. */
export interface PruneOptions extends BackupOwner {
  readonly kept: number;
  readonly now: number;
  readonly removing: (old: readonly OldBackup[]) => Promise<void>;
}

/** A backup that has had its time. */
export type OldBackup = Pick<StoredBackup, "id" | "madeAt">;

/** What an earlier run left that was killed. Of one hospital only one backup is made at a time. */
async function removeUnfinished(backups: string, hospital: string): Promise<void> {
  const left = (await readdir(backups)).filter((name) =>
    name.startsWith(`${UNFINISHED}${hospital}-`),
  );
  for (const name of left) await rm(path.join(backups, name), { recursive: true, force: true });
}

/** A file that is renamed is there after a power cut only once its folder is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function notWritten(backups: string, cause: NodeJS.ErrnoException): BackupError {
  const reason =
    cause.code === "ENOSPC" ? "the disk is full" : `the disk says ${cause.code ?? "no"}`;
  return new BackupError(
    "BACKUP_NOT_WRITTEN",
    `no backup was made in ${backups}: ${reason}. Earlier backups are untouched; make room or choose another folder, and try again`,
    { cause },
  );
}
