import "fake-indexeddb/auto";
import { IDBFactory, IDBObjectStore as FakeObjectStore } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDatabase, type Database } from "./database.ts";
import { createVaultStore } from "./vault-store.ts";

const QUIET = { onClosed: () => undefined };
let database: Database;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  database = await openDatabase(QUIET);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the vault's record in IndexedDB", () => {
  it("is there in a tab opened later, and gone once erased", async () => {
    const store = createVaultStore(database);
    await store.update(() => ({ next: Uint8Array.of(1, 2), result: undefined }));
    database.close();
    const again = createVaultStore(await openDatabase(QUIET));
    expect(await again.update((stored) => ({ result: stored }))).toEqual(Uint8Array.of(1, 2));
    await again.erase();
    expect(await again.update((stored) => ({ result: stored }))).toBeUndefined();
  });

  it("loses no count between two tabs that write at once", async () => {
    const tabs = [createVaultStore(database), createVaultStore(await openDatabase(QUIET))];
    const count = (stored: Uint8Array | undefined) => ({
      next: Uint8Array.of((stored?.[0] ?? 0) + 1),
      result: stored?.[0] ?? 0,
    });
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => tabs[n % 2]!.update(count)),
    );
    expect([...results].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it("is written with strict durability", async () => {
    const real = vi.spyOn(IDBDatabase.prototype, "transaction");
    await createVaultStore(database).update(() => ({ next: Uint8Array.of(1), result: 0 }));
    expect(real).toHaveBeenCalledWith("vault", "readwrite", { durability: "strict" });
  });

  it("stays as it is where the step refuses, and the step's own error arrives", async () => {
    const store = createVaultStore(database);
    const { PatientError } = await import("../errors.ts");
    await store.update(() => ({ next: Uint8Array.of(1), result: 0 }));
    const refused = store.update(() => {
      throw new PatientError("VAULT_EXISTS", "refused");
    });
    await expect(refused).rejects.toEqual(expect.objectContaining({ code: "VAULT_EXISTS" }));
    expect(await store.update((stored) => ({ result: stored }))).toEqual(Uint8Array.of(1));
  });

  it("stays as it is where there is no room, and says so", async () => {
    const store = createVaultStore(database);
    await store.update(() => ({ next: Uint8Array.of(1), result: 0 }));
    vi.spyOn(FakeObjectStore.prototype, "put").mockImplementationOnce(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const refused = store.update(() => ({ next: Uint8Array.of(2), result: 0 }));
    await expect(refused).rejects.toEqual(expect.objectContaining({ code: "STORE_FULL" }));
    expect(await store.update((stored) => ({ result: stored }))).toEqual(Uint8Array.of(1));
  });

  it("rejects, and does not hang, after the database was closed", async () => {
    const store = createVaultStore(database);
    database.close();
    const failed: unknown = expect.objectContaining({ code: "STORE_FAILED" });
    await expect(store.update(() => ({ result: 0 }))).rejects.toEqual(failed);
    await expect(store.erase()).rejects.toEqual(failed);
  });
});
