import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Bytes } from "@siphms/cose";
import { PatientError } from "../errors.ts";

const NAME = "siphms";
const VERSION = 1;

/** What lies in the browser: the engine's sealed entries, and the vault that wraps their key. */
interface Schema extends DBSchema {
  readonly entries: { readonly key: string; readonly value: Bytes };
  readonly vault: { readonly key: string; readonly value: Bytes };
}

/** The app's database. */
export type Database = IDBPDatabase<Schema>;

/** What an open database may meet later. */
export interface DatabaseEvents {
  /** The browser closed it, or a newer app in another tab asked for it: nothing more can be written from this page. */
  readonly onClosed: () => void;
}

/**
 * Opens the app's database, or makes it.
 *
 * A newer app in another tab is never held up: this page lets go of the database then.
 *
 * @param version - Only tests say another one.
 * @throws {PatientError} `STORE_BLOCKED` (another tab does not let go of an older version), `STORE_NEWER`, `STORE_FULL`,
 *   `STORE_FAILED`.
 */
export async function openDatabase(
  events: DatabaseEvents,
  version: number = VERSION,
): Promise<Database> {
  let refuse: (error: PatientError) => void = () => undefined;
  const blocked = new Promise<never>((_resolve, reject) => {
    refuse = reject;
  });
  const opening = openDB<Schema>(NAME, version, {
    upgrade: (database, oldVersion) => {
      if (oldVersion >= 1) return;
      database.createObjectStore("entries");
      database.createObjectStore("vault");
    },
    blocked: () =>
      refuse(new PatientError("STORE_BLOCKED", "Close the app's other tabs, then open it again.")),
    blocking: () => {
      closeWhenOpen(opening);
      events.onClosed();
    },
    terminated: () => events.onClosed(),
  });
  try {
    return await Promise.race([opening, blocked]);
  } catch (error) {
    // An opening that was blocked may still succeed when nobody waits for it any more.
    closeWhenOpen(opening);
    throw storageError(error);
  }
}

function closeWhenOpen(opening: Promise<Database>): void {
  opening.then((database) => database.close()).catch(() => undefined);
}

/** Says what a failure of IndexedDB means for the app. */
export function storageError(error: unknown): PatientError {
  if (error instanceof PatientError) return error;
  const name = error instanceof Error ? error.name : "";
  if (name === "QuotaExceededError") {
    return new PatientError("STORE_FULL", "The phone has no more room for readings.", error);
  }
  if (name === "VersionError") {
    return new PatientError("STORE_NEWER", "A newer version of this app wrote these data.", error);
  }
  return new PatientError("STORE_FAILED", "The browser's storage failed.", error);
}
