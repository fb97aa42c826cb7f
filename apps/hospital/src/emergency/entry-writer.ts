import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { concatBytes, toHex } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import {
  createEntryMaker,
  type AuditEntry,
  type AuditSink,
  type EntryMaker,
} from "../audit/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Keyring } from "../keys/index.ts";
import { encodeFileEntry, FILE_HEAD } from "./entry-file.ts";

/** The folder of the files of entries, in the installation's folder. */
export const ENTRIES_FOLDER = "emergency";
/** How a file of entries is called that was not taken into the log yet. */
export const ENTRIES_SUFFIX = ".entries";
/** What a file's name ends with before its first entry is on the disk. */
const HALF_SUFFIX = ".half";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const BEGAN = { event: "emergency.began", actor: "hospital", action: "execute" } as const;
/** As other programs of the hospital say it: nobody has to look for what came after. */
const ENDED = { event: "hospital.stopped", actor: "hospital", action: "execute" } as const;

/** Where the entries of emergency mode go, for as long as the hospital's log cannot be reached. */
export interface EntryWriter {
  /** Behind the transactions of the read-only database. What it throws is shown to nobody as anything but a refusal. */
  readonly sink: AuditSink;
  /** Begins a file. @throws {ProblemError} `not-recorded` */
  begin(): Promise<void>;
  /** Says that this run ended in order. */
  end(): Promise<void>;
}

interface WriterPorts {
  readonly dataFolder: string;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A file with the chain that goes on in it. */
interface OpenFile {
  readonly handle: FileHandle;
  readonly maker: EntryMaker;
  /** Bytes that it has by now. */
  size: number;
}

/**
 * Creates what writes entries: each is on the disk before its `append` resolves.
 *
 * A file in which anything failed to be written is never written to again: what a disk has of it nobody knows. The next entry
 * begins another file, with a chain of its own; where that cannot be begun either, there is no entry, and nothing is shown.
 */
export function createEntryWriter(ports: WriterPorts): EntryWriter {
  const { clock, log } = ports;
  let current: OpenFile | undefined;
  let queue: Promise<void> = Promise.resolve();

  const write = async (entries: readonly AuditEntry[]): Promise<void> => {
    const file = (current ??= await beginFile(ports));
    current = undefined;
    try {
      await appendTo(file, entries, ports);
    } catch (error) {
      await file.handle.close().catch(() => undefined);
      throw error;
    }
    current = file;
  };
  const append = (entries: readonly AuditEntry[]): Promise<void> => {
    const turn = queue.then(() => write(entries));
    queue = turn.catch((error: unknown) => {
      log.error("an entry could not be written: nothing is shown", errorFields(error));
    });
    return turn.catch(() => {
      throw new ProblemError("not-recorded");
    });
  };
  return {
    sink: { append: (_tx, entries) => append(entries) },
    begin: () => append([]),
    async end() {
      await append([{ ...ENDED, at: clock.now(), outcome: "done" }]).catch(() => undefined);
      await current?.handle.close();
      current = undefined;
    },
  };
}

/**
 * Begins a file with the entry that begins the run. It gets its name when that is on the disk: a file under that name with less
 * in it was cut by somebody.
 */
async function beginFile(ports: WriterPorts): Promise<OpenFile> {
  const { dataFolder, clock } = ports;
  const maker = createEntryMaker(ports);
  const folder = path.join(dataFolder, ENTRIES_FOLDER);
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const name = `${toHex(maker.instance)}${ENTRIES_SUFFIX}`;
  const place = path.join(folder, name);
  const half = `${place}${HALF_SUFFIX}`;
  const handle = await open(half, "ax", FILE_MODE);
  try {
    await handle.appendFile(FILE_HEAD);
    const file = { handle, maker, size: FILE_HEAD.length };
    await appendTo(file, [{ ...BEGAN, at: clock.now(), outcome: "done" }], ports);
    await rename(half, place);
    await syncFolder(folder);
    return file;
  } catch (error) {
    await handle.close().catch(() => undefined);
    // Nothing was shown for what is in it.
    for (const name of [half, place]) await rm(name, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function appendTo(
  file: OpenFile,
  entries: readonly AuditEntry[],
  { keyring }: WriterPorts,
): Promise<void> {
  if (entries.length === 0) return;
  const { handle, maker } = file;
  const bytes = concatBytes(...maker.make(entries).map((made) => encodeFileEntry(made, keyring)));
  await handle.appendFile(bytes);
  await handle.sync();
  file.size += bytes.length;
  // Taken away, or cut, while it was written: nobody would find what it says.
  const { size, nlink } = await handle.stat();
  if (size !== file.size || nlink === 0) throw new Error("the file of entries is not as it was");
}

/** Else a crash could take the file's name away with all that is in it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
