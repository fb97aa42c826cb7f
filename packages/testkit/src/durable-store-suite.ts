import type { DurableStore, StoreOperation } from "@siphms/device";
import { beforeEach, describe, expect, it } from "vitest";

/** What the suite needs of an adapter. */
export interface DurableStoreFactory {
  /** An empty store. */
  readonly create: () => Promise<DurableStore> | DurableStore;
  /** The same store as a new process finds it; left out where nothing outlives the process. */
  readonly reopen?: (store: DurableStore) => Promise<DurableStore> | DurableStore;
}

/**
 * What every adapter of the device's `DurableStore` has to do. Each adapter's test file calls it.
 *
 * @param name - The adapter, for the titles.
 */
export function durableStoreSuite(name: string, factory: DurableStoreFactory): void {
  describe(`DurableStore: ${name}`, () => {
    let store: DurableStore;

    beforeEach(async () => {
      store = await factory.create();
    });

    readingAndWriting(() => store);
    listing(() => store);
    batching(() => store);
    if (factory.reopen !== undefined) reopening(() => store, factory.reopen);
  });
}

function readingAndWriting(store: () => DurableStore): void {
  it("has nothing under a name that was never written", async () => {
    expect(await store().get("identity")).toBeUndefined();
  });

  it("gives back the bytes that were put", async () => {
    await store().put("item/00ff", bytes(0, 1, 255));
    expect(await store().get("item/00ff")).toEqual(bytes(0, 1, 255));
  });

  it("keeps an empty value apart from none", async () => {
    await store().put("empty", bytes());
    expect(await store().get("empty")).toEqual(bytes());
  });

  it("keeps a value of 64 KiB", async () => {
    const large = new Uint8Array(65_536).fill(7);
    await store().put("large", large);
    expect(await store().get("large")).toEqual(large);
  });

  it("replaces what was there", async () => {
    await store().put("clock", bytes(1, 2, 3));
    await store().put("clock", bytes(4));
    expect(await store().get("clock")).toEqual(bytes(4));
  });

  it("forgets what was deleted", async () => {
    await store().put("bookmark", bytes(1));
    await store().delete("bookmark");
    expect(await store().get("bookmark")).toBeUndefined();
  });

  it("takes the deletion of what is not there for no error", async () => {
    await expect(store().delete("never-there")).resolves.toBeUndefined();
  });

  it("is not changed through an array that the caller keeps", async () => {
    const mine = bytes(1, 2, 3);
    await store().put("identity", mine);
    mine.fill(9);
    const read = await store().get("identity");
    expect(read).toEqual(bytes(1, 2, 3));
    read?.fill(8);
    expect(await store().get("identity")).toEqual(bytes(1, 2, 3));
  });

  it("keeps a name apart from another that begins with it", async () => {
    await store().put("item", bytes(1));
    await store().put("item/a", bytes(2));
    await store().put("item/a/b", bytes(3));
    await store().delete("item/a");
    expect(await store().get("item")).toEqual(bytes(1));
    expect(await store().get("item/a/b")).toEqual(bytes(3));
  });

  it("takes a name of 128 characters", async () => {
    const long = "item/".padEnd(128, "0123456789abcdef-");
    await store().put(long, bytes(5));
    expect(await store().get(long)).toEqual(bytes(5));
    expect(await store().list("item/")).toEqual([long]);
  });
}

function listing(store: () => DurableStore): void {
  it("lists nothing in an empty store", async () => {
    expect(await store().list("")).toEqual([]);
  });

  it("lists names with the prefix and no others, in ascending order", async () => {
    for (const name of ["item/b", "delivery/a", "item/a", "item", "items", "item/a0"]) {
      await store().put(name, bytes(1));
    }
    expect(await store().list("item/")).toEqual(["item/a", "item/a0", "item/b"]);
  });

  it("lists everything under an empty prefix", async () => {
    await store().put("totals", bytes(1));
    await store().put("clock", bytes(1));
    expect(await store().list("")).toEqual(["clock", "totals"]);
  });

  it("does not list what was deleted", async () => {
    await store().put("item/a", bytes(1));
    await store().put("item/b", bytes(1));
    await store().delete("item/a");
    expect(await store().list("item/")).toEqual(["item/b"]);
  });
}

function batching(store: () => DurableStore): void {
  it("does all changes of a batch", async () => {
    await store().put("old", bytes(1));
    await store().batch([put("new-a", 1), put("new-b", 2), { kind: "delete", name: "old" }]);
    expect(await store().list("")).toEqual(["new-a", "new-b"]);
    expect(await store().get("new-b")).toEqual(bytes(2));
  });

  it("does the changes of a batch in their order", async () => {
    await store().batch([put("a", 1), { kind: "delete", name: "a" }, put("b", 1), put("b", 2)]);
    expect(await store().get("a")).toBeUndefined();
    expect(await store().get("b")).toEqual(bytes(2));
  });

  it("takes an empty batch for nothing", async () => {
    await expect(store().batch([])).resolves.toBeUndefined();
    expect(await store().list("")).toEqual([]);
  });

  it("keeps the order of batches that are not awaited one by one", async () => {
    const writes = Array.from({ length: 20 }, (_, i) => store().batch([put("counter", i)]));
    await Promise.all(writes);
    expect(await store().get("counter")).toEqual(bytes(19));
  });

  it("never shows a part of a batch to one who reads meanwhile", async () => {
    await store().batch([put("left", 0), put("right", 0)]);
    const writes = [1, 2, 3, 4, 5].map((i) => store().batch([put("left", i), put("right", i)]));
    await Promise.all(writes);
    expect(await store().get("left")).toEqual(await store().get("right"));
  });
}

function reopening(
  store: () => DurableStore,
  reopen: NonNullable<DurableStoreFactory["reopen"]>,
): void {
  it("has everything that was resolved after it is opened anew", async () => {
    await store().put("identity", bytes(1, 2));
    await store().batch([put("item/a", 3), put("item/b", 4)]);
    await store().delete("item/a");
    const again = await reopen(store());
    expect(await again.list("")).toEqual(["identity", "item/b"]);
    expect(await again.get("identity")).toEqual(bytes(1, 2));
    expect(await again.get("item/b")).toEqual(bytes(4));
  });

  it("can be written after it is opened anew", async () => {
    await store().put("clock", bytes(1));
    const again = await reopen(store());
    await again.put("clock", bytes(2));
    expect(await again.get("clock")).toEqual(bytes(2));
  });
}

function bytes(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values);
}

function put(name: string, value: number): StoreOperation {
  return { kind: "put", name, bytes: bytes(value) };
}
