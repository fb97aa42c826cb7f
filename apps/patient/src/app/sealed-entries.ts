import { concatBytes, type Bytes, type Crypto } from "@siphms/cose";
import type { DurableStore } from "@siphms/device";
import type { SealedEntries } from "../journal/index.ts";

/** Beside the engine's own entries, of which none begins so. */
const PREFIX = "app/";
const VERSION = 1;
const NONCE_BYTES = 12;

/**
 * What the app keeps beside the engine (trail, sensors, choices), sealed under a key of its own: AES-256-GCM, the entry's
 * name as additional data, so that swapped entries do not open.
 *
 * An entry that does not open counts as missing: everything here can be made anew, and a patient who cannot get in because a
 * choice of units was damaged has lost more. Storing rejects with {@link PatientError}: `STORE_FULL`, `STORE_FAILED`.
 */
export async function openSealedEntries(
  store: DurableStore,
  storeKey: Bytes,
  crypto: Crypto,
): Promise<SealedEntries> {
  const key = await crypto.hmacSha256(storeKey, textBytes("SIPHMS app entries"));
  return {
    load: async (name) => {
      const entry = await store.get(PREFIX + name);
      if (entry === undefined || entry[0] !== VERSION || entry.length <= NONCE_BYTES)
        return undefined;
      const nonce = entry.slice(1, 1 + NONCE_BYTES);
      return crypto.open(key, nonce, textBytes(name), entry.slice(1 + NONCE_BYTES));
    },
    store: async (name, bytes) => {
      const nonce = crypto.randomBytes(NONCE_BYTES);
      const sealed = await crypto.seal(key, nonce, textBytes(name), bytes);
      await store.put(PREFIX + name, concatBytes(Uint8Array.of(VERSION), nonce, sealed));
    },
  };
}

function textBytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}
