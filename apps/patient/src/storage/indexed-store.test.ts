import "fake-indexeddb/auto";
import { IDBFactory, IDBObjectStore as FakeObjectStore } from "fake-indexeddb";
import { durableStoreSuite } from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDatabase, type Database } from "./database.ts";
import { createIndexedStore } from "./indexed-store.ts";

const QUIET = { onClosed: () => undefined };
let database: Database;

async function freshDatabase(): Promise<Database> {
  globalThis.indexedDB = new IDBFactory();
  database = await openDatabase(QUIET);
  return database;
}

async function reopened(): Promise<Database> {
  database.close();
  database = await openDatabase(QUIET);
  return database;
}

afterEach(() => {
  vi.restoreAllMocks();
});

durableStoreSuite("IndexedDB", {
  create: async () => createIndexedStore(await freshDatabase()),
  reopen: async () => createIndexedStore(await reopened()),
});

describe("the store in IndexedDB", () => {
  beforeEach(async () => {
    await freshDatabase();
  });

  it("asks for strict durability each time it writes", async () => {
    const real = vi.spyOn(IDBDatabase.prototype, "transaction");
    const store = createIndexedStore(database);
    await store.put("a", Uint8Array.of(1));
    await store.delete("a");
    await store.batch([{ kind: "put", name: "b", bytes: Uint8Array.of(1) }]);
    const writes = real.mock.calls.filter(([, mode]) => mode === "readwrite");
    expect(writes.length).toBe(3);
    for (const [, , options] of writes) expect(options).toEqual({ durability: "strict" });
  });

  it("reads what is asked for in one go in one transaction, and later things in another", async () => {
    const store = createIndexedStore(database);
    await store.put("a", Uint8Array.of(1));
    const real = vi.spyOn(IDBDatabase.prototype, "transaction");
    await Promise.all([store.get("a"), store.get("b"), store.get("a")]);
    expect(real).toHaveBeenCalledTimes(1);
    expect(await store.get("a")).toEqual(Uint8Array.of(1));
    expect(real).toHaveBeenCalledTimes(2);
  });

  it("reads a change that was asked for before, also in the same go", async () => {
    const store = createIndexedStore(database);
    await store.put("a", Uint8Array.of(1));
    const before = store.get("a");
    const change = store.put("a", Uint8Array.of(2));
    const after = store.get("a");
    await change;
    expect(await Promise.all([before, after])).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it("stores of a view only what it shows", async () => {
    const put = vi.spyOn(FakeObjectStore.prototype, "put");
    const large = new Uint8Array(1_000_000);
    await createIndexedStore(database).put("a", large.subarray(5, 8));
    const stored: unknown = put.mock.calls[0]?.[0];
    expect(stored instanceof Uint8Array ? stored.buffer.byteLength : -1).toBe(3);
  });

  it("lists ten thousand names in ascending order, whatever order they came in", async () => {
    const store = createIndexedStore(database);
    const names = Array.from(
      { length: 10_000 },
      (_, n) => `item/${((n * 7_919) % 10_000).toString(16)}`,
    );
    for (let at = 0; at < names.length; at += 1_000) {
      const part = names.slice(at, at + 1_000);
      await store.batch(part.map((name) => ({ kind: "put", name, bytes: Uint8Array.of(1) })));
    }
    await store.put("items", Uint8Array.of(1));
    expect(await store.list("item/")).toEqual([...names].sort());
  });

  it("keeps nothing of a batch in which one value cannot be stored", async () => {
    const store = createIndexedStore(database);
    await store.put("old", Uint8Array.of(1));
    const put = vi.spyOn(FakeObjectStore.prototype, "put");
    put.mockImplementationOnce(function (this: IDBObjectStore, value, key) {
      put.mockImplementationOnce(() => {
        throw new DOMException("not cloneable", "DataCloneError");
      });
      return this.add(value, key);
    });
    const batch = store.batch([
      { kind: "delete", name: "old" },
      { kind: "put", name: "a", bytes: Uint8Array.of(1) },
      { kind: "put", name: "b", bytes: Uint8Array.of(2) },
    ]);
    await expect(batch).rejects.toEqual(expect.objectContaining({ code: "STORE_FAILED" }));
    expect(await store.list("")).toEqual(["old"]);
  });

  it("keeps nothing of a batch that the browser undoes", async () => {
    const store = createIndexedStore(database);
    vi.spyOn(FakeObjectStore.prototype, "put").mockImplementation(function (
      this: IDBObjectStore,
      value,
      key,
    ) {
      const request = this.add(value, key);
      request.addEventListener("success", () => this.transaction.abort());
      return request;
    });
    const batch = store.batch([
      { kind: "put", name: "a", bytes: Uint8Array.of(1) },
      { kind: "put", name: "b", bytes: Uint8Array.of(2) },
    ]);
    await expect(batch).rejects.toEqual(expect.objectContaining({ code: "STORE_FAILED" }));
    vi.restoreAllMocks();
    expect(await store.list("")).toEqual([]);
  });

  it("says that the phone is full, and keeps nothing of what did not fit", async () => {
    const store = createIndexedStore(database);
    vi.spyOn(FakeObjectStore.prototype, "put").mockImplementationOnce(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const batch = store.batch([
      { kind: "put", name: "a", bytes: Uint8Array.of(1) },
      { kind: "put", name: "b", bytes: Uint8Array.of(1) },
    ]);
    await expect(batch).rejects.toEqual(expect.objectContaining({ code: "STORE_FULL" }));
    expect(await store.list("")).toEqual([]);
  });

  it("says so where the room runs out only when the browser commits", async () => {
    const store = createIndexedStore(database);
    vi.spyOn(FakeObjectStore.prototype, "put").mockImplementation(function (
      this: IDBObjectStore,
      value,
      key,
    ) {
      const error = new DOMException("full", "QuotaExceededError");
      Object.defineProperty(this.transaction, "error", { get: () => error, set: () => undefined });
      const request = this.add(value, key);
      request.addEventListener("success", () => this.transaction.abort());
      return request;
    });
    await expect(store.put("a", Uint8Array.of(1))).rejects.toEqual(
      expect.objectContaining({ code: "STORE_FULL" }),
    );
  });

  it("fails, and does not hang, after the database was closed", async () => {
    const store = createIndexedStore(database);
    database.close();
    const failed: unknown = expect.objectContaining({ code: "STORE_FAILED" });
    await expect(store.put("a", Uint8Array.of(1))).rejects.toEqual(failed);
    await expect(store.get("a")).rejects.toEqual(failed);
    await expect(store.list("")).rejects.toEqual(failed);
  });
});

describe("opening the database", () => {
  it("is blocked by another tab that holds an older version, and says so", async () => {
    globalThis.indexedDB = new IDBFactory();
    const held = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open("siphms", 1);
      request.onsuccess = () => resolve(request.result);
    });
    await expect(openDatabase(QUIET, 2)).rejects.toEqual(
      expect.objectContaining({ code: "STORE_BLOCKED" }),
    );
    held.close();
  });

  it("lets go for a newer app in another tab, and says that it did", async () => {
    globalThis.indexedDB = new IDBFactory();
    const onClosed = vi.fn();
    const old = await openDatabase({ onClosed });
    const store = createIndexedStore(old);
    await store.put("a", Uint8Array.of(1));
    const newer = await openDatabase(QUIET, 2);
    expect(onClosed).toHaveBeenCalledOnce();
    expect(await createIndexedStore(newer).get("a")).toEqual(Uint8Array.of(1));
    await expect(store.put("b", Uint8Array.of(1))).rejects.toEqual(
      expect.objectContaining({ code: "STORE_FAILED" }),
    );
  });

  it("refuses data of a newer app", async () => {
    globalThis.indexedDB = new IDBFactory();
    (await openDatabase(QUIET, 2)).close();
    await expect(openDatabase(QUIET)).rejects.toEqual(
      expect.objectContaining({ code: "STORE_NEWER" }),
    );
  });
});
