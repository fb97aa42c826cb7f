import type { DurableStore } from "@siphms/device";
import { PatientError } from "../errors.ts";
import type { Observable, Observed } from "../observable.ts";

/** What the last write met: the phone is full, or its storage failed otherwise. */
export type StorageTrouble = "full" | "failed";

/** Passes everything on to a store, and notes whether the last write to it worked. */
export function watchStore(
  store: DurableStore,
  trouble: Observed<StorageTrouble | undefined>,
): DurableStore {
  const watched = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      const isFull = error instanceof PatientError && error.code === "STORE_FULL";
      trouble.set(isFull ? "full" : "failed");
      throw error;
    }
    trouble.set(undefined);
  };
  return {
    get: (name) => store.get(name),
    list: (prefix) => store.list(prefix),
    put: (name, bytes) => watched(() => store.put(name, bytes)),
    delete: (name) => watched(() => store.delete(name)),
    batch: (operations) => watched(() => store.batch(operations)),
  };
}

/** Where there is no store to watch. */
export const NO_TROUBLE: Observable<StorageTrouble | undefined> = {
  snapshot: () => undefined,
  subscribe: () => () => undefined,
};
