import type { VaultStore } from "../vault/vault.ts";
import { storageError, type Database } from "./database.ts";
import { commit } from "./write.ts";

const KEY = "vault";

/** The vault's record in IndexedDB: each update is one transaction, so two tabs share one count. */
export function createVaultStore(database: Database): VaultStore {
  return {
    update: async (step) => {
      const transaction = begin(database);
      const records = transaction.objectStore("vault");
      return commit(transaction, async () => {
        const { next, result } = step(await records.get(KEY));
        if (next !== undefined) await records.put(next.slice(), KEY);
        return result;
      });
    },
    erase: async () => {
      const transaction = begin(database);
      await commit(transaction, () => transaction.objectStore("vault").delete(KEY));
    },
  };
}

function begin(database: Database) {
  try {
    return database.transaction("vault", "readwrite", { durability: "strict" });
  } catch (error) {
    throw storageError(error);
  }
}
