import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { durableStoreSuite } from "@siphms/testkit";

import { openFileStore as openStore } from "./file-store.ts";
import type { FileStore } from "./file-store.ts";

const folders: string[] = [];
const stores: FileStore[] = [];
const folderOf = new Map<object, string>();

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "siphms-store-"));
  folders.push(folder);
  return folder;
}

async function openFileStore(folder: string): Promise<FileStore> {
  const store = await openStore(folder);
  stores.push(store);
  return store;
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

durableStoreSuite("one file", {
  create: async () => {
    const folder = await newFolder();
    const store = await openFileStore(folder);
    folderOf.set(store, folder);
    return store;
  },
  reopen: (store) => openFileStore(folderOf.get(store) ?? ""),
});

durableStoreSuite("a room in one file", {
  create: async () => {
    const folder = await newFolder();
    const store = (await openFileStore(folder)).part("demo-one/");
    folderOf.set(store, folder);
    return store;
  },
  reopen: async (store) => (await openFileStore(folderOf.get(store) ?? "")).part("demo-one/"),
});

describe("a store in one file", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await newFolder();
  });

  const log = (): string => path.join(folder, "store.log");

  it("keeps the rooms of two devices apart", async () => {
    const store = await openFileStore(folder);
    await store.part("a/").put("key", bytes(1));
    await store.part("b/").put("key", bytes(2));
    expect(await store.part("a/").get("key")).toEqual(bytes(1));
    expect(await store.part("b/").list("")).toEqual(["key"]);
  });

  it("keeps the file from other users", async () => {
    await openFileStore(folder);
    expect((await stat(log())).mode & 0o777).toBe(0o600);
  });

  it.each([1, 5, 9, 14])("drops a change whose frame lost its last %i bytes", async (lost) => {
    const store = await openFileStore(folder);
    await store.put("kept", bytes(1));
    await store.batch([
      { kind: "put", name: "left", bytes: bytes(2) },
      { kind: "put", name: "right", bytes: bytes(3) },
    ]);
    await store.close();
    const whole = await readFile(log());
    await writeFile(log(), whole.subarray(0, -lost));
    const again = await openFileStore(folder);
    expect(await again.list("")).toEqual(["kept"]);
    await again.put("next", bytes(4));
    expect(await (await openFileStore(folder)).list("")).toEqual(["kept", "next"]);
  });

  it("drops a change with one flipped bit, and keeps the damaged bytes aside", async () => {
    const store = await openFileStore(folder);
    await store.put("kept", bytes(1));
    const before = (await stat(log())).size;
    await store.put("flipped", bytes(2));
    await store.close();
    const damaged = await readFile(log());
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    await writeFile(log(), damaged);
    expect(await (await openFileStore(folder)).list("")).toEqual(["kept"]);
    expect(await readFile(path.join(folder, "damaged"))).toEqual(damaged.subarray(before));
  });

  it("refuses a change after it was closed", async () => {
    const store = await openFileStore(folder);
    await store.close();
    await expect(store.put("late", bytes(1))).rejects.toThrow("cannot be written");
  });

  it("rewrites a log that holds far more than what is alive", async () => {
    const store = await openFileStore(folder);
    const large = new Uint8Array(512 * 1024);
    for (let round = 0; round < 12; round += 1) await store.put("same", large);
    await store.put("other", bytes(7));
    expect((await stat(log())).size).toBeLessThan(4 * 1024 * 1024);
    await store.close();
    const again = await openFileStore(folder);
    expect((await again.get("same"))?.length).toBe(large.length);
    expect(await again.get("other")).toEqual(bytes(7));
  });
});

function bytes(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values);
}
