import type { IDBPTransaction } from "idb";
import { storageError } from "./database.ts";

/** The part of a transaction that is needed to end it. */
type Ending = Pick<IDBPTransaction<unknown, never[], "readwrite">, "abort" | "done">;

/**
 * Does the work of one transaction, and waits until it is on the disk or undone.
 *
 * Without this a request that cannot even be made (a value that cannot be copied) would leave the requests before it
 * to be committed: half a change.
 *
 * @throws {PatientError} `STORE_FULL`, `STORE_FAILED`; or what the work itself threw as a PatientError.
 */
export async function commit<R>(transaction: Ending, work: () => Promise<R>): Promise<R> {
  // Looked at below; without this an abort would count as a rejection that nobody handles.
  const done = transaction.done.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  try {
    const result = await work();
    const failed = await done;
    if (failed !== undefined) throw failed.error;
    return result;
  } catch (error) {
    abort(transaction);
    const failed = await done;
    throw storageError(isAbort(error) && failed !== undefined ? failed.error : error);
  }
}

function abort(transaction: Ending): void {
  try {
    transaction.abort();
  } catch {
    // It is over already.
  }
}

/** Requests of an undone transaction say only "AbortError"; the transaction knows why. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
