import type { Bytes } from "@siphms/cose";
import type { DurableStore, StoreOperation } from "@siphms/device";
import { storageError, type Database } from "./database.ts";
import { commit } from "./write.ts";

/** Sorts behind each character that a name may have. */
const BEHIND = "~";

/**
 * The engine's store in IndexedDB. A resolved promise means that the browser flushed the change to the disk
 * (`durability: "strict"`).
 *
 * Its methods reject with {@link PatientError}: `STORE_FULL`, `STORE_FAILED`. One engine at a time: see `lead`.
 */
export function createIndexedStore(database: Database): DurableStore {
  /** Reads asked for in one go share a transaction: each of its own costs more than the reading. */
  let reads: ReturnType<typeof beginReading> | undefined;
  const read = (name: string): Promise<Bytes | undefined> => {
    if (reads === undefined) {
      reads = beginReading(database);
      queueMicrotask(() => (reads = undefined));
    }
    return reads.get(name);
  };
  const batch = async (operations: readonly StoreOperation[]): Promise<void> => {
    if (operations.length === 0) return;
    // What is read from now on is to see this change.
    reads = undefined;
    const transaction = begin(database);
    const entries = transaction.objectStore("entries");
    await commit(transaction, async () => {
      const requests: Promise<unknown>[] = [];
      for (const operation of operations) {
        const request =
          operation.kind === "put"
            ? // A view is stored with the whole buffer behind it; a copy with nothing else.
              entries.put(operation.bytes.slice(), operation.name)
            : entries.delete(operation.name);
        // Where a later request cannot be made nobody waits for this one.
        request.catch(() => undefined);
        requests.push(request);
      }
      await Promise.all(requests);
    });
  };
  return {
    get: (name) => reading(() => read(name)),
    put: (name, bytes) => batch([{ kind: "put", name, bytes }]),
    delete: (name) => batch([{ kind: "delete", name }]),
    list: (prefix) =>
      reading(() => database.getAllKeys("entries", IDBKeyRange.bound(prefix, prefix + BEHIND))),
    batch,
  };
}

function beginReading(database: Database) {
  return database.transaction("entries").objectStore("entries");
}

function begin(database: Database) {
  try {
    return database.transaction("entries", "readwrite", { durability: "strict" });
  } catch (error) {
    throw storageError(error);
  }
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw storageError(error);
  }
}
