import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { PartHeader, PartName } from "./description.ts";
import { BackupError } from "./error.ts";
import { backupName, parseBackupName, partFile } from "./names.ts";
import { isOfSystem, readHeader } from "./part-file.ts";
import { readMark, type MarkKeyring, type ReadMark } from "./whole-mark.ts";

/** A backup in a folder of its own. */
export interface StoredBackup {
  readonly folder: string;
  readonly id: string;
  readonly hospital: string;
  /** ms; it holds what was stored until then. */
  readonly madeAt: number;
}

/** A backup of which all is there that was written. */
export interface WholeBackup extends StoredBackup {
  /** Both parts. */
  readonly bytes: number;
}

/**
 * What is wrong with a folder that has a backup's name: a part is not there; the mark behind both is not there or not of this
 * installation; a part is not as long as the mark says; a part, or the folder's name, says something else than the mark.
 */
export type BackupFault =
  | "altered"
  | "cut-off"
  | "keys-missing"
  | "mark-altered"
  | "mark-missing"
  | "records-missing"
  | "renamed";

/** What has a backup's name and is none that can be relied on. */
export interface BrokenBackup {
  readonly folder: string;
  readonly id: string;
  /** As its name says, ms. */
  readonly madeAt: number;
  /** Whose it says it is; `undefined` where it does not say that any more. */
  readonly hospital: string | undefined;
  readonly fault: BackupFault;
}

/** Whose backups are looked for. */
export interface BackupOwner {
  readonly hospital: string;
  readonly keyring: MarkKeyring;
}

/** What is in a folder of backups, each newest first. */
export interface FoundBackups {
  readonly whole: readonly WholeBackup[];
  /** Those of the hospital, and those of which nobody can tell whose they are. */
  readonly broken: readonly BrokenBackup[];
}

const PARTS = ["keys", "records"] as const;
/** Clocks of machines that share a folder differ by less. */
const CLOCKS_MS = 5 * 60_000;

/**
 * Looks through a folder of backups: at marks, sizes and first lines. An altered byte behind them shows only when a backup is
 * read.
 */
export async function findBackups(backups: string, owner: BackupOwner): Promise<FoundBackups> {
  const names = await readdir(backups).catch((error: unknown) => {
    if (isOfSystem(error) && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  });
  const whole: WholeBackup[] = [];
  const broken: BrokenBackup[] = [];
  // Names sort by time.
  for (const name of names.sort().reverse()) {
    const named = parseBackupName(name);
    if (named === undefined) continue;
    const folder = path.join(backups, name);
    const looked = await lookAt(folder, owner);
    if (looked.hospital !== undefined && looked.hospital !== owner.hospital) continue;
    if (looked.fault === undefined) whole.push(looked);
    else broken.push({ folder, ...named, ...looked });
  }
  return { whole, broken };
}

/** The whole backups of a hospital in a folder, newest first. */
export async function listBackups(
  backups: string,
  owner: BackupOwner,
): Promise<readonly WholeBackup[]> {
  return (await findBackups(backups, owner)).whole;
}

/** Whether a backup says that it was made later than now: a clock was wrong. */
export function isFromFuture({ madeAt }: Pick<StoredBackup, "madeAt">, now: number): boolean {
  return madeAt > now + CLOCKS_MS;
}

/**
 * The newest whole backup of a hospital; `undefined` where there is none. One from the future is none: it would stand for all
 * that are not made until then.
 */
export async function newestBackup(
  backups: string,
  { now, ...owner }: BackupOwner & { readonly now: number },
): Promise<WholeBackup | undefined> {
  return (await listBackups(backups, owner)).find((backup) => !isFromFuture(backup, now));
}

/** The newest that says that it is a backup of the hospital, whole or not: whoever needs one would take it. */
export async function newestToTry(
  backups: string,
  { now, ...owner }: BackupOwner & { readonly now: number },
): Promise<StoredBackup | undefined> {
  const { whole, broken } = await findBackups(backups, owner);
  const { hospital } = owner;
  const ours = broken.filter((one) => one.hospital === hospital);
  return [...whole, ...ours.map((one) => ({ ...one, hospital }))]
    .filter((backup) => !isFromFuture(backup, now))
    .sort((one, other) => other.madeAt - one.madeAt)[0];
}

type Looked =
  | (WholeBackup & { readonly fault?: undefined })
  | { readonly hospital: string | undefined; readonly fault: BackupFault };

/** What was read, or why it could not be. */
type Read<T> = T | "altered" | "missing";

interface Files {
  readonly mark: Read<ReadMark>;
  readonly keys: Read<PartHeader>;
  readonly records: Read<PartHeader>;
}

async function lookAt(folder: string, { keyring }: BackupOwner): Promise<Looked> {
  const files: Files = {
    mark: await attempt(readMark(folder, keyring)),
    keys: await attempt(readHeader(partFile(folder, "keys"))),
    records: await attempt(readHeader(partFile(folder, "records"))),
  };
  const { mark, keys, records } = files;
  const fault = faultOf(folder, files) ?? (await faultOfSizes(folder, files));
  if (fault !== undefined || isUnread(mark)) {
    const [hospital] = [mark, records, keys].flatMap((one) =>
      isUnread(one) ? [] : [one.hospital],
    );
    return { hospital, fault: fault ?? "mark-missing" };
  }
  const { backup: id, hospital, madeAt, keysBytes, recordsBytes } = mark;
  return { folder, id, hospital, madeAt, bytes: keysBytes + recordsBytes };
}

/** What was let go on purpose, which only the keys may be, is said last: all else about them is well then. */
function faultOf(folder: string, { mark, keys, records }: Files): BackupFault | undefined {
  if (mark === "missing") return "mark-missing";
  if (mark === "altered" || !mark.isOurs) return "mark-altered";
  if (path.basename(folder) !== backupName(mark.backup, mark.madeAt)) return "renamed";
  if (records === "missing") return "records-missing";
  const isOther = (part: PartName, header: Read<PartHeader>): boolean =>
    isUnread(header) ? header === "altered" : header.part !== part || !isOf(header, mark);
  return isOther("records", records) || isOther("keys", keys) ? "altered" : undefined;
}

function isOf(header: PartHeader, mark: ReadMark): boolean {
  const { backup, hospital, madeAt } = header;
  return backup === mark.backup && hospital === mark.hospital && madeAt === mark.madeAt;
}

async function faultOfSizes(folder: string, { mark }: Files): Promise<BackupFault | undefined> {
  if (isUnread(mark)) return undefined;
  const [keys, records] = await Promise.all(
    PARTS.map((part) => attempt(stat(partFile(folder, part)))),
  );
  const isCut = (file: Read<Stats> | undefined, bytes: number): boolean =>
    file !== undefined && !isUnread(file) && file.size !== bytes;
  if (isCut(keys, mark.keysBytes) || isCut(records, mark.recordsBytes)) return "cut-off";
  return isUnread(keys) || keys === undefined ? "keys-missing" : undefined;
}

function isUnread(one: unknown): one is "altered" | "missing" {
  return one === "altered" || one === "missing";
}

/** A folder that cannot be read stands in nobody's way. */
async function attempt<T extends object>(reading: Promise<T>): Promise<Read<T>> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof BackupError) {
      return error.code === "BACKUP_MISSING" ? "missing" : "altered";
    }
    if (isOfSystem(error)) return error.code === "ENOENT" ? "missing" : "altered";
    throw error;
  }
}
