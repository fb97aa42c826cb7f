import { existsSync } from "node:fs";
import path from "node:path";
import type { KekStatus } from "@siphms/api";
import { dataFolderAround, type KekSource } from "../keys/index.ts";
import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A rotation that takes longer was forgotten. */
const ROTATION_HOURS = 24;
const OLD_DAYS = 730;
const CHECK = "key-encryption-key";

/** Looks whether the next start will find its key, whether old ones open still, and whether the key lies apart from the data. */
export async function sweepKek(ports: AroundPorts): Promise<Sweep> {
  const status = await ports.kekStatus();
  const sweep = createSweep(CHECK);
  if (!status.opens) {
    sweep.find(
      status.source,
      `the next start will fail: ${status.fault ?? "the key that it gives does not open this database"}`,
    );
  }
  const withData = await unusedWithData(ports);
  if (withData !== undefined) {
    sweep.find(withData.file, `lies with the data, in ${withData.folder}; move it elsewhere`);
  }
  if (status.source === "recovery") {
    sweep.find(
      status.source,
      "the hospital was started with its recovery file; make a key with: siphms keys rotate --kek --to",
    );
  }
  const now = ports.clock.now();
  for (const fingerprint of leftOver(status, now)) {
    sweep.find(
      fingerprint,
      "this key opens still, a day after another one was made; run: siphms keys rotate --kek --finish",
    );
  }
  for (const [subject, detail] of notesOf(status, ports)) sweep.note(subject, detail);
  return sweep.done(status.keys.length);
}

/** A passphrase that opens only older copies or a recovery file: the key of the next start does not need it, and does not miss it. */
async function unusedWithData({ settings, surroundings }: AroundPorts) {
  const { kekPassphraseFile: file, backupFolder, unsafeKekWithData } = settings;
  const isUsed = surroundings.kek.kind === "passphrase" || surroundings.kek.kind === "recovery";
  if (file === undefined || isUsed || unsafeKekWithData) return undefined;
  const folder = await dataFolderAround(file, backupFolder === undefined ? [] : [backupFolder]);
  return folder === undefined ? undefined : { file, folder };
}

function leftOver({ keys, current }: KekStatus, now: number): readonly string[] {
  const newest = keys.at(-1);
  if (keys.length < 2 || newest === undefined) return [];
  if (now - newest.created < ROTATION_HOURS * HOUR_MS) return [];
  return keys
    .map(({ fingerprint }) => fingerprint)
    .filter((fingerprint) => fingerprint !== (current ?? newest.fingerprint));
}

function notesOf(
  { adopted, keys, current }: KekStatus,
  { settings, surroundings, clock }: AroundPorts,
): readonly (readonly [string, string])[] {
  const notes: [string, string][] = [];
  const { kek } = surroundings;
  const data = path.resolve(settings.dataFolder);
  const secret = secretFileOf(kek, settings.kekPassphraseFile);
  if (secret !== undefined && isInside(secret, data) && existsSync(path.join(data, "pg"))) {
    notes.push([
      data,
      "holds both the database and the key to it: back the database up with siphms backup, never by a copy of this folder",
    ]);
  }
  if (adopted) {
    notes.push([
      "installation-key",
      "was a key-encryption key once: whoever kept that file and a copy of the database can read it, whatever is rotated",
    ]);
  }
  const inUse = keys.find(({ fingerprint }) => fingerprint === current);
  if (inUse !== undefined && clock.now() - inUse.created > OLD_DAYS * DAY_MS) {
    notes.push([inUse.fingerprint, "is more than two years old; run: siphms keys rotate --kek"]);
  }
  return notes;
}

/** What must not be copied together with the database: the key, or the passphrase that makes or opens it. */
function secretFileOf(kek: KekSource, passphraseFile: string | undefined): string | undefined {
  if (kek.kind === "command") return undefined;
  return kek.kind === "file" ? kek.path : passphraseFile;
}

function isInside(file: string, folder: string): boolean {
  return path.resolve(file).startsWith(`${folder}${path.sep}`);
}
