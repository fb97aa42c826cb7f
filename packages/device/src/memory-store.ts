import type { Bytes } from "@siphms/cose";
import type { DurableStore, StoreOperation } from "./ports.ts";

/**
 * A store that lasts as long as its process: for simulated devices of a benchmark and for tests.
 *
 * Name and behaviour are those of {@link DurableStore} but for durability; the name says `unsafe` because a
 * patient's device must never use it: what is measured would be lost with the process.
 */
export function createUnsafeMemoryStore(): DurableStore {
  const entries = new Map<string, Bytes>();
  // Atomic because nothing in between gives up the thread.
  const batch = (operations: readonly StoreOperation[]): Promise<void> => {
    for (const operation of operations) {
      if (operation.kind === "put") entries.set(operation.name, operation.bytes.slice());
      else entries.delete(operation.name);
    }
    return Promise.resolve();
  };
  return {
    get: (name) => Promise.resolve(entries.get(name)?.slice()),
    put: (name, bytes) => batch([{ kind: "put", name, bytes }]),
    delete: (name) => batch([{ kind: "delete", name }]),
    list: (prefix) =>
      Promise.resolve([...entries.keys()].filter((name) => name.startsWith(prefix)).sort()),
    batch,
  };
}
