import type { Bytes, Crypto } from "@siphms/cose";
import { openEntry, sealEntry, type DurableStore } from "@siphms/device";
import type { SealedEntries } from "../journal/index.ts";

/** Beside the engine's own entries, of which none begins so. */
const PREFIX = "app/";

/**
 * What the app keeps beside the engine (trail, sensors, choices), sealed as the engine's entries are, under a key of its own.
 *
 * An entry that does not open counts as missing: everything here can be made anew, and a patient who cannot get in because a
 * choice of units was damaged has lost more. Storing rejects with {@link PatientError}: `STORE_FULL`, `STORE_FAILED`.
 */
export async function openSealedEntries(
  store: DurableStore,
  storeKey: Bytes,
  crypto: Crypto,
): Promise<SealedEntries> {
  const label = new TextEncoder().encode("SIPHMS app entries");
  const entryKey = { key: await crypto.hmacSha256(storeKey, label), crypto };
  return {
    load: async (name) => {
      const entry = await store.get(PREFIX + name);
      return entry === undefined ? undefined : openEntry(entryKey, name, entry);
    },
    store: async (name, bytes) => {
      await store.put(PREFIX + name, await sealEntry(entryKey, name, bytes));
    },
  };
}
