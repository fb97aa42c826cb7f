import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";

import type { DurableStore, StoreOperation } from "@siphms/device";

import { decodeLog, encodeFrame } from "./log-frame.ts";

/** Below this size a log is not worth rewriting. */
const MIN_COMPACT_BYTES = 4 * 1024 * 1024;
/** A log is rewritten when so many times larger than what is alive in it. */
const COMPACT_RATIO = 4;

type Entries = Map<string, Uint8Array<ArrayBuffer>>;

interface Waiting {
  readonly frame: Buffer;
  readonly apply: () => void;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** A store in one file; {@link FileStore.part} gives a room of its own to each of many devices. */
export interface FileStore extends DurableStore {
  /** The same file, but every name is kept under `prefix`: many devices of one process share its syncs. */
  part(prefix: string): DurableStore;
  /** Waits for what is being written and closes the file; may be called again. */
  close(): Promise<void>;
}

/**
 * Opens the store of simulated devices: an append-only log in `folder`, its content held in memory.
 *
 * A change is one frame of the log and counts once it is synced to disk; changes that come while a sync runs share the next one.
 * What a power cut left half written at the end was promised to nobody: it is moved to a file `damaged` and the log goes on before it.
 * One process at a time may open a folder: the caller holds a lock.
 */
export async function openFileStore(folder: string): Promise<FileStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "store.log");
  const log = await readFile(file).catch(() => Buffer.alloc(0));
  const { operations, wholeBytes } = decodeLog(log);
  const handle = await open(file, "a", 0o600);
  if (wholeBytes < log.length) {
    await writeFile(path.join(folder, "damaged"), log.subarray(wholeBytes), { mode: 0o600 });
    await handle.truncate(wholeBytes);
    await handle.sync();
  }
  // The file's name must survive as well as its content, and so must the folder's where it was just made.
  await syncFolder(folder);
  // A folder above that we may not read was not made by us.
  await syncFolder(path.dirname(path.resolve(folder))).catch(() => undefined);
  const entries: Entries = new Map();
  applyAll(entries, operations);
  return new LogStore(folder, { handle, bytes: wholeBytes }, entries);
}

interface OpenLog {
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** Holds the open file, which has a life; everything else about a store is a function of its entries. */
class LogStore implements FileStore {
  readonly #folder: string;
  readonly #entries: Entries;
  #handle: FileHandle;
  #bytes: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #closed = false;

  constructor(folder: string, log: OpenLog, entries: Entries) {
    this.#folder = folder;
    this.#handle = log.handle;
    this.#bytes = log.bytes;
    this.#entries = entries;
  }

  get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return Promise.resolve(this.#entries.get(name)?.slice());
  }

  put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.batch([{ kind: "put", name, bytes }]);
  }

  delete(name: string): Promise<void> {
    return this.batch([{ kind: "delete", name }]);
  }

  list(prefix: string): Promise<readonly string[]> {
    return Promise.resolve(
      [...this.#entries.keys()].filter((one) => one.startsWith(prefix)).sort(),
    );
  }

  batch(operations: readonly StoreOperation[]): Promise<void> {
    if (operations.length === 0) return Promise.resolve();
    // After a failed write nobody knows what the disk holds: the next opening will look.
    if (this.#failure !== undefined) return Promise.reject(storeClosed(this.#failure));
    const own = operations.map(copyOf);
    return new Promise((resolve, reject) => {
      const apply = (): void => applyAll(this.#entries, own);
      this.#waiting.push({ frame: encodeFrame(own), apply, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  part(prefix: string): DurableStore {
    return {
      get: (name) => this.get(prefix + name),
      put: (name, bytes) => this.put(prefix + name, bytes),
      delete: (name) => this.delete(prefix + name),
      list: async (inner) =>
        (await this.list(prefix + inner)).map((name) => name.slice(prefix.length)),
      batch: (operations) =>
        this.batch(operations.map((one) => ({ ...one, name: prefix + one.name }))),
    };
  }

  async close(): Promise<void> {
    await this.#writing;
    if (this.#closed) return;
    this.#closed = true;
    this.#failure ??= new Error("the store is closed");
    await this.#handle.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(Buffer.concat(group.map((one) => one.frame)));
        for (const one of group) one.apply();
        for (const one of group) one.resolve();
        await this.#compact();
      } catch (cause) {
        this.#failure = cause;
        for (const one of [...group, ...this.#waiting.splice(0)]) one.reject(storeClosed(cause));
      }
    }
    this.#writing = undefined;
  }

  async #append(frames: Buffer): Promise<void> {
    await this.#handle.appendFile(frames);
    await this.#handle.datasync();
    this.#bytes += frames.length;
  }

  async #compact(): Promise<void> {
    if (this.#bytes < MIN_COMPACT_BYTES) return;
    const frames = [...this.#entries].map(([name, bytes]) =>
      encodeFrame([{ kind: "put", name, bytes }]),
    );
    const alive = Buffer.concat(frames);
    if (this.#bytes < alive.length * COMPACT_RATIO) return;
    const part = path.join(this.#folder, "store.log.part");
    const next = await open(part, "w", 0o600);
    await next.writeFile(alive);
    await next.sync();
    await next.close();
    await rename(part, path.join(this.#folder, "store.log"));
    await syncFolder(this.#folder);
    await this.#handle.close();
    this.#handle = await open(path.join(this.#folder, "store.log"), "a", 0o600);
    this.#bytes = alive.length;
  }
}

function copyOf(operation: StoreOperation): StoreOperation {
  return operation.kind === "put" ? { ...operation, bytes: operation.bytes.slice() } : operation;
}

function applyAll(entries: Entries, operations: readonly StoreOperation[]): void {
  for (const operation of operations) {
    if (operation.kind === "put") entries.set(operation.name, operation.bytes);
    else entries.delete(operation.name);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function storeClosed(cause: unknown): Error {
  return new Error("The device's store cannot be written; start again to see what it holds.", {
    cause,
  });
}
