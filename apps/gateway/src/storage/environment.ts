import { ensurePrivateFolder } from "@siphms/server-kit";
import { open, type Database, type RootDatabase } from "lmdb";
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { createCommitQueue, type CommitQueue } from "./commit-queue.ts";

/** One table of the data folder. */
export type Table = Database<Buffer, Buffer>;

/** The data folder's LMDB environment. Another process may have it open at the same time (`gateway admit`). */
export interface Environment {
  readonly queue: Table;
  readonly mailbox: Table;
  readonly closed: Table;
  readonly tokens: Table;
  readonly hospitals: Table;
  readonly counters: Table;
  /** Of each log that is witnessed the checkpoint that was cosigned last; never swept. */
  readonly witnessed: Table;
  readonly commits: CommitQueue;
  close(): Promise<void>;
}

/**
 * Opens the data folder, making it (0700) if it is not there.
 *
 * `overlappingSync` is off: with it a transaction's promise means "visible" and a failed sync is never reported.
 * `eventTurnBatching` is off because the commit queue groups already, and because its inner promises reject unhandled on a full disk.
 */
export function openEnvironment(folder: string): Environment {
  ensurePrivateFolder(folder);
  const root: RootDatabase<Buffer, Buffer> = open({
    path: join(folder, "queue.lmdb"),
    maxDbs: 7,
    encoding: "binary",
    keyEncoding: "binary",
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const table = (name: string): Table =>
    root.openDB<Buffer, Buffer>(name, { encoding: "binary", keyEncoding: "binary" });
  keepNames(folder);
  const commits = createCommitQueue((work) => transact(root, work));
  return {
    queue: table("queue"),
    mailbox: table("mailbox"),
    closed: table("closed"),
    tokens: table("tokens"),
    hospitals: table("hospitals"),
    counters: table("counters"),
    witnessed: table("witnessed"),
    commits,
    async close() {
      await commits.drained();
      await root.close();
    },
  };
}

// LMDB syncs its file's content, not its name: a file and a folder that were just made have to survive a power cut, too.
function keepNames(folder: string): void {
  syncFolder(folder);
  try {
    syncFolder(dirname(folder));
  } catch {
    // A folder above that we may not read was not made by us.
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** A child transaction, because only that is undone as a whole when the work throws in its middle. */
async function transact(root: RootDatabase<Buffer, Buffer>, work: () => void): Promise<void> {
  try {
    await root.childTransaction(work);
  } catch (error) {
    await swallowDetail(error);
    throw error;
  }
}

// lmdb hangs a second promise with the details on the error; left alone it would count as an unhandled rejection.
async function swallowDetail(error: unknown): Promise<void> {
  if (!(error instanceof Error) || !("commitError" in error)) return;
  const detail: unknown = error.commitError;
  if (detail instanceof Promise) await Promise.allSettled([detail]);
}
