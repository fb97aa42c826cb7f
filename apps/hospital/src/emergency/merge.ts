import { readdir, readFile, rename } from "node:fs/promises";
import path from "node:path";
import type { MergeReport } from "@siphms/api";
import { toHex, type Bytes } from "@siphms/cose";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, mergeEntries, type MadeEntry } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { EmergencyError } from "./emergency-error.ts";
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
/** Rows of one statement. */
const AT_ONCE = 500;

/**
 * Takes what emergency mode noted into the log, each entry once: those that are there already stay as they are.
 *
 * A file that ended in order is put aside then. One that did not is looked at again the next time: it may still be written to.
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
  const { database, keyring, clock } = ports;
  const file = path.basename(place);
  const read = readOrRefuse(new Uint8Array(await readFile(place)), keyring);
  if (read === undefined) {
    const object = path.basename(file, ENTRIES_SUFFIX);
    const what = { event: "emergency.merge-refused", actor, object, action: "create" } as const;
    await database.withTransaction((tx) =>
      appendAudit(tx, [{ ...what, at: clock.now(), outcome: "refused" }]),
    );
    return { file, kind: "refused" };
  }
  const { entries, tornBytes } = read;
  const added = await database.withTransaction((tx) => merge(tx, { read, actor }, ports));
  if (entries.at(-1)?.entry.event === "hospital.stopped") {
    await rename(place, place.replace(/\.entries$/, TAKEN_SUFFIX));
  }
  return { file, kind: "merged", entries: entries.length, added, tornBytes };
}

function readOrRefuse(bytes: Bytes, keyring: Keyring): EntryFile | undefined {
  try {
    return readEntryFile(bytes, keyring);
  } catch (error) {
    if (error instanceof EmergencyError) return undefined;
    throw error;
  }
}

async function merge(
  tx: Transaction,
  { read, actor }: { readonly read: EntryFile; readonly actor: string },
  { keyring, clock }: MergePorts,
): Promise<number> {
  const { entries, tornBytes } = read;
  let added = 0;
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    added += await mergeEntries(tx, keyring, entries.slice(at, at + AT_ONCE));
  }
  const [first] = entries;
  if (added > 0 && first !== undefined) {
    await appendAudit(tx, [noteOf(first, { added, tornBytes }, { actor, at: clock.now() })]);
  }
  return added;
}

function noteOf(
  { instance }: MadeEntry,
  detail: { readonly added: number; readonly tornBytes: number },
  by: { readonly actor: string; readonly at: number },
) {
  const what = { event: "emergency.merged", object: toHex(instance), action: "create" } as const;
  return { ...by, ...what, outcome: "done", detail } as const;
}
