import { createHash } from "node:crypto";
import { readdir, readFile, rename } from "node:fs/promises";
import path from "node:path";
import type { MergeReport } from "@siphms/api";
import { toHex } from "@siphms/cose";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, mergeEntries, type AuditEntry } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { readEntryFile, type EntryFile } from "./entry-file.ts";
import { ENTRIES_FOLDER, ENTRIES_SUFFIX } from "./entry-writer.ts";

interface MergePorts {
  readonly dataFolder: string;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

type FileReport = MergeReport["files"][number];

const FILE_NAME = /^[0-9a-f]{16}\.entries$/;
const TAKEN_SUFFIX = ".merged";
/** Followed by digits of the file's hash: another altered copy of the same run does not take its place. */
const REFUSED_SUFFIX = ".refused-";
const HASH_DIGITS = 16;
/** Rows of one statement. */
const AT_ONCE = 500;

/**
 * Takes what emergency mode noted into the log, each entry once: those that are there already stay as they are.
 *
 * A file that ended in order is put aside then. One that did not is looked at again the next time: it may still be written to.
 * Of a file with a fault the entries before it are taken; the log says from where on it was refused, and it is put aside as it is.
 *
 * @param actor - Who has it done, as the audit log names them.
 */
export async function mergeEntryFiles(actor: string, ports: MergePorts): Promise<MergeReport> {
  const folder = path.join(ports.dataFolder, ENTRIES_FOLDER);
  const files: FileReport[] = [];
  for (const name of await listFiles(folder)) {
    files.push(await mergeFile(path.join(folder, name), actor, ports));
  }
  return { files };
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function mergeFile(place: string, actor: string, ports: MergePorts): Promise<FileReport> {
  const file = path.basename(place);
  const bytes = new Uint8Array(await readFile(place));
  const read = readEntryFile(bytes, ports.keyring);
  const { entries, tornBytes, refused } = read;
  const run = path.basename(file, ENTRIES_SUFFIX);
  const added = await ports.database.withTransaction((tx) =>
    merge(tx, { read, run, actor }, ports),
  );
  if (refused !== undefined) {
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, HASH_DIGITS);
    await rename(place, place.replace(/\.entries$/, `${REFUSED_SUFFIX}${hash}`));
    return { file, kind: "refused", entries: entries.length, added, refusedBytes: refused.bytes };
  }
  if (entries.at(-1)?.entry.event === "hospital.stopped") {
    await rename(place, place.replace(/\.entries$/, TAKEN_SUFFIX));
  }
  return { file, kind: "merged", entries: entries.length, added, tornBytes };
}

/** What is to be merged: a file, and the run that its name says, which counts where no entry says one. */
interface Brought {
  readonly read: EntryFile;
  readonly run: string;
  readonly actor: string;
}

async function merge(tx: Transaction, brought: Brought, ports: MergePorts): Promise<number> {
  const { entries, tornBytes, refused } = brought.read;
  let added = 0;
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    added += await mergeEntries(tx, ports.keyring, entries.slice(at, at + AT_ONCE));
  }
  const [first] = entries;
  const by = { at: ports.clock.now(), actor: brought.actor, action: "create" } as const;
  const object = first === undefined ? brought.run : toHex(first.instance);
  const notes: AuditEntry[] = [];
  if (added > 0) {
    const detail = { added, tornBytes };
    notes.push({ ...by, event: "emergency.merged", object, outcome: "done", detail });
  }
  if (refused !== undefined) {
    const detail = { taken: entries.length, refusedBytes: refused.bytes };
    notes.push({ ...by, event: "emergency.merge-refused", object, outcome: "refused", detail });
  }
  await appendAudit(tx, notes);
  return added;
}
