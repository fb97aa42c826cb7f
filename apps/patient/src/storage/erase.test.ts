import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import { openDatabase } from "./database.ts";
import { eraseDatabase } from "./erase.ts";
import { createIndexedStore } from "./indexed-store.ts";
import { createVaultStore } from "./vault-store.ts";

describe("erasing the database", () => {
  it("leaves neither the vault nor an entry", async () => {
    const database = await openDatabase({ onClosed: () => undefined });
    const store = createIndexedStore(database);
    const vault = createVaultStore(database);
    await store.put("item/1", Uint8Array.of(1));
    await vault.update(() => ({ next: Uint8Array.of(2), result: undefined }));
    await eraseDatabase(database);
    expect(await store.list("")).toEqual([]);
    expect(await vault.update((stored) => ({ result: stored }))).toBeUndefined();
  });

  it("says that it failed on a database that is closed", async () => {
    const database = await openDatabase({ onClosed: () => undefined });
    database.close();
    await expect(eraseDatabase(database)).rejects.toMatchObject({ code: "STORE_FAILED" });
  });
});
