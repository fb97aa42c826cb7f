import { mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";
import type { PartHeader, PartName } from "./description.ts";
import { BackupError } from "./error.ts";
import { isOfSystem, readHeader } from "./part-file.ts";

/** A backup that is whole: a folder with two files. */
export interface StoredBackup {
  readonly folder: string;
  readonly id: string;
  readonly hospital: string;
  /** ms; it holds what was stored until then. */
  readonly madeAt: number;
}

/** Names of backups, which sort by time: `siphms-20261123T171500Z-0123456789abcdef`. */
const NAME = /^siphms-[0-9]{8}T[0-9]{6}Z-([0-9a-f]{16})$/;
/** What is being written has another name until it is whole. */
const UNFINISHED = "unfinished-";

/** Where a part of a backup lies. */
export function partFile(folder: string, part: PartName): string {
  return path.join(folder, part);
}

/**
 * Has a backup written and makes it whole in one step: until then, and where that fails, there is none.
 *
 * @param write - Writes both parts, synced, into the folder that it is given.
 * @throws {BackupError} `BACKUP_NOT_WRITTEN` for what the disk refuses; what `write` throws.
 */
export async function publishBackup(
  backups: string,
  { id, madeAt, hospital }: Pick<PartHeader, "hospital" | "madeAt"> & { readonly id: string },
  write: (folder: string) => Promise<void>,
): Promise<string> {
  const unfinished = path.join(backups, `${UNFINISHED}${hospital}-${id}`);
  const folder = path.join(backups, nameOf(id, madeAt));
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

/** The backups of one hospital in a folder, newest first. Whether they are intact shows when they are read. */
export async function listBackups(
  backups: string,
  hospital?: string,
): Promise<readonly StoredBackup[]> {
  const names = await readdir(backups).catch((error: unknown) => {
    if (isOfSystem(error) && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  });
  const found: StoredBackup[] = [];
  for (const name of names
    .filter((one) => NAME.test(one))
    .sort()
    .reverse()) {
    const folder = path.join(backups, name);
    const backup = await openBackup(folder).catch(ignoreFaulty);
    if (backup === undefined) continue;
    if (hospital === undefined || backup.hospital === hospital) found.push(backup);
  }
  return found;
}

/** Clocks of machines that share a folder differ by less. */
const CLOCKS_MS = 5 * 60_000;

/** Whether a backup says that it was made later than now: a clock was wrong, or somebody has altered its first line. */
export function isFromFuture({ madeAt }: Pick<StoredBackup, "madeAt">, now: number): boolean {
  return madeAt > now + CLOCKS_MS;
}

/**
 * The newest backup of a hospital; `undefined` where there is none. One from the future is none: it would stand for all that
 * are not made until then.
 */
export async function newestBackup(
  backups: string,
  { hospital, now }: { readonly hospital: string; readonly now: number },
): Promise<StoredBackup | undefined> {
  return (await listBackups(backups, hospital)).find((backup) => !isFromFuture(backup, now));
}

/**
 * Makes sure that backups can go into a folder: that it is there, and has room for one and a half of the newest.
 *
 * A folder that is missing is not made: where a disk is not mounted, it would be on the wrong one.
 *
 * @throws {BackupError} `BACKUP_NOT_WRITTEN`
 */
export async function requireRoom(
  backups: string,
  newest: StoredBackup | undefined,
): Promise<void> {
  const disk = await statfs(backups).catch((cause: unknown) => {
    throw new BackupError(
      "BACKUP_NOT_WRITTEN",
      `no backup was made: there is no folder ${backups}. Mount its disk, or make the folder`,
      { cause },
    );
  });
  if (newest === undefined) return;
  const sizes = await Promise.all(
    (["keys", "records"] as const).map(
      async (part) => (await stat(partFile(newest.folder, part))).size,
    ),
  );
  const wanted = ROOM * sizes.reduce((sum, size) => sum + size, 0);
  if (disk.bavail * disk.bsize >= wanted) return;
  throw new BackupError(
    "BACKUP_NOT_WRITTEN",
    `no backup was made: the disk of ${backups} has not enough room for another one. Earlier backups are untouched`,
  );
}

/** A backup grows from one to the next. */
const ROOM = 1.5;

/** What a backup's folder says of itself. @throws {BackupError} `BACKUP_MISSING`, `BACKUP_ALTERED` */
async function openBackup(folder: string): Promise<StoredBackup> {
  const { backup: id, hospital, madeAt } = await readHeader(partFile(folder, "records"));
  return { folder, id, hospital, madeAt };
}

/** Removes all but the newest backups of a hospital. @returns how many went. */
export async function pruneBackups(
  backups: string,
  {
    hospital,
    kept,
    now,
  }: { readonly hospital: string; readonly kept: number; readonly now: number },
): Promise<number> {
  const all = await listBackups(backups, hospital);
  // One from the future takes nobody's place.
  const old = all.filter((backup) => !isFromFuture(backup, now)).slice(kept);
  for (const { folder } of old) {
    // First out of sight, so that what is left of it when this is broken off is no backup.
    const gone = path.join(backups, `${UNFINISHED}${hospital}-${path.basename(folder)}`);
    await rename(folder, gone);
    await rm(gone, { recursive: true });
  }
  return old.length;
}

/** What an earlier run left that was killed. Of one hospital only one backup is made at a time. */
async function removeUnfinished(backups: string, hospital: string): Promise<void> {
  const left = (await readdir(backups)).filter((name) =>
    name.startsWith(`${UNFINISHED}${hospital}-`),
  );
  for (const name of left) await rm(path.join(backups, name), { recursive: true, force: true });
}

function nameOf(id: string, madeAt: number): string {
  const time = new Date(madeAt).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `siphms-${time}-${id}`;
}

function ignoreFaulty(error: unknown): undefined {
  if (error instanceof BackupError) return undefined;
  throw error;
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
