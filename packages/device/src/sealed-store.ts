import { concatBytes, type Bytes, type Crypto } from "@siphms/cose";
import { DeviceError } from "./errors.ts";
import type { DurableStore } from "./ports.ts";

/** First byte of a sealed entry. */
const ENTRY_VERSION = 1;
const NONCE_BYTES = 12;

/** One change of the store before sealing. */
export type PlainOperation =
  | { readonly kind: "put"; readonly name: string; readonly plain: Uint8Array }
  | { readonly kind: "delete"; readonly name: string };

/** The engine's view of its store: plaintext in, plaintext out, sealed in between. */
export interface SealedStore {
  /**
   * The entry, `undefined` where there is none.
   *
   * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
   */
  get(name: string): Promise<Bytes | undefined>;
  /** Names under a prefix, ascending. @throws {DeviceError} `STORE_FAILED`. */
  list(prefix: string): Promise<readonly string[]>;
  /**
   * Seals and writes all changes at once, after every earlier batch. After one failure every later batch is refused:
   * what is in the store is then unknown, and only opening the device anew finds out.
   *
   * @throws {DeviceError} `STORE_FAILED`.
   */
  batch(operations: readonly PlainOperation[]): Promise<void>;
}

/** What entries are sealed under; 32 bytes. */
export interface EntryKey {
  readonly key: Uint8Array;
  readonly crypto: Crypto;
}

/**
 * Seals an entry with AES-256-GCM: `1 | nonce (12 random bytes) | ciphertext and tag`, the entry's name as additional
 * data, so that swapped entries do not open.
 */
export async function sealEntry(
  { key, crypto }: EntryKey,
  name: string,
  plain: Uint8Array,
): Promise<Bytes> {
  const nonce = crypto.randomBytes(NONCE_BYTES);
  const sealed = await crypto.seal(key, nonce, nameBytes(name), plain);
  return concatBytes(Uint8Array.of(ENTRY_VERSION), nonce, sealed);
}

/** Opens what {@link sealEntry} made for the same name under the same key; `undefined` for anything else. */
export async function openEntry(
  { key, crypto }: EntryKey,
  name: string,
  entry: Uint8Array,
): Promise<Bytes | undefined> {
  if (entry[0] !== ENTRY_VERSION || entry.length <= NONCE_BYTES) return undefined;
  const nonce = entry.subarray(1, 1 + NONCE_BYTES);
  return crypto.open(key, nonce, nameBytes(name), entry.subarray(1 + NONCE_BYTES));
}

/**
 * Puts sealing ({@link sealEntry}) in front of a store.
 *
 * @param storeKey - 32 bytes.
 */
export function createSealedStore(
  store: DurableStore,
  storeKey: Uint8Array,
  crypto: Crypto,
): SealedStore {
  if (storeKey.length !== 32) throw new RangeError("storeKey must be 32 bytes");
  const key = storeKey.slice();
  let last: Promise<void> = Promise.resolve();

  const entryKey: EntryKey = { key, crypto };
  const write = async (operations: readonly PlainOperation[]): Promise<void> => {
    const sealed = await Promise.all(
      operations.map(async (operation) =>
        operation.kind === "delete"
          ? operation
          : {
              kind: "put" as const,
              name: operation.name,
              bytes: await sealEntry(entryKey, operation.name, operation.plain),
            },
      ),
    );
    await guarded(() => store.batch(sealed));
  };

  return {
    get: async (name) => {
      const entry = await guarded(() => store.get(name));
      if (entry === undefined) return undefined;
      const plain = await openEntry(entryKey, name, entry);
      if (plain === undefined) throw corrupt();
      return plain;
    },
    list: (prefix) => guarded(() => store.list(prefix)),
    batch: (operations) => {
      // A rejected promise stays rejected: every later batch fails with the first failure.
      last = last.then(() => write(operations));
      return last;
    },
  };
}

/** The error of an entry that does not open. */
export function corrupt(cause?: unknown): DeviceError {
  return new DeviceError(
    "STORE_CORRUPT",
    "A stored entry does not open: it is damaged, or the store key is another one.",
    { cause },
  );
}

function nameBytes(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new DeviceError(
      "STORE_FAILED",
      "The device's store failed. Free space or repair it, then open the device again.",
      { cause },
    );
  }
}
