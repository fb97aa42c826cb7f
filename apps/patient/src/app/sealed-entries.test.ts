import { createWebCrypto } from "@siphms/cose";
import { createUnsafeMemoryStore, type DurableStore } from "@siphms/device";
import { beforeEach, describe, expect, it } from "vitest";
import { openSealedEntries } from "./sealed-entries.ts";

const crypto = createWebCrypto();
const key = new Uint8Array(32).fill(1);
const text = new TextEncoder().encode("pulse 72");
let store: DurableStore;

beforeEach(() => {
  store = createUnsafeMemoryStore();
});

const open = (storeKey = key) => openSealedEntries(store, storeKey, crypto);

describe("what the app keeps beside the engine", () => {
  it("comes back as it was", async () => {
    await (await open()).store("journal", text);
    expect(await (await open()).load("journal")).toEqual(text);
  });

  it("lies there sealed, each time under another nonce [HS-312a2iv]", async () => {
    const entries = await open();
    await entries.store("journal", text);
    const first = await store.get("app/journal");
    await entries.store("journal", text);
    expect(new TextDecoder().decode(first)).not.toContain("pulse");
    expect(await store.get("app/journal")).not.toEqual(first);
  });

  it("is missing before it was stored", async () => {
    expect(await (await open()).load("journal")).toBeUndefined();
  });

  it("counts as missing under another key", async () => {
    await (await open()).store("journal", text);
    expect(await (await open(new Uint8Array(32).fill(2))).load("journal")).toBeUndefined();
  });

  it("counts as missing in another entry's place", async () => {
    await (await open()).store("journal", text);
    await store.put("app/sensors", (await store.get("app/journal"))!);
    expect(await (await open()).load("sensors")).toBeUndefined();
  });

  it.each([0, 1, 13, 20])("counts as missing with its octet %d changed", async (at) => {
    await (await open()).store("journal", text);
    const entry = (await store.get("app/journal"))!.slice();
    entry[at] = (entry[at] ?? 0) ^ 1;
    await store.put("app/journal", entry);
    expect(await (await open()).load("journal")).toBeUndefined();
  });

  it.each([0, 1, 13])("counts as missing when cut to %d octets", async (length) => {
    await (await open()).store("journal", text);
    await store.put("app/journal", (await store.get("app/journal"))!.slice(0, length));
    expect(await (await open()).load("journal")).toBeUndefined();
  });
});
