import { createUnsafeMemoryStore, type DurableStore } from "@siphms/device";
import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import { createSealedStore, type SealedStore } from "./sealed-store.ts";

const crypto = createNodeCrypto();
const KEY = new Uint8Array(32).fill(1);
const PLAIN = new TextEncoder().encode("a reading of an invented patient");

async function withEntry(): Promise<{ raw: DurableStore; sealed: SealedStore }> {
  const raw = createUnsafeMemoryStore();
  const sealed = createSealedStore(raw, KEY, crypto);
  await sealed.batch([{ kind: "put", name: "item/a", plain: PLAIN }]);
  return { raw, sealed };
}

describe("createSealedStore [HS-312a2iv]", () => {
  it("gives back what was put", async () => {
    const { sealed } = await withEntry();
    expect(await sealed.get("item/a")).toEqual(new Uint8Array(PLAIN));
  });

  it("lets no plaintext through to the adapter", async () => {
    const { raw } = await withEntry();
    const text = new TextDecoder("latin1").decode(await raw.get("item/a"));
    expect(text).not.toContain("invented");
  });

  it("seals the same text differently each time", async () => {
    const { raw, sealed } = await withEntry();
    const first = await raw.get("item/a");
    await sealed.batch([{ kind: "put", name: "item/a", plain: PLAIN }]);
    expect(await raw.get("item/a")).not.toEqual(first);
  });

  it("refuses an entry that was moved to another name", async () => {
    const { raw, sealed } = await withEntry();
    await raw.put("item/b", (await raw.get("item/a"))!);
    await expect(sealed.get("item/b")).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  it("refuses an entry under another store key", async () => {
    const { raw } = await withEntry();
    const other = createSealedStore(raw, new Uint8Array(32).fill(2), crypto);
    await expect(other.get("item/a")).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  it("refuses an entry with any single byte changed", async () => {
    const { raw, sealed } = await withEntry();
    const good = (await raw.get("item/a"))!;
    for (let at = 0; at < good.length; at++) {
      const bad = good.slice();
      bad[at]! ^= 1;
      await raw.put("item/a", bad);
      await expect(sealed.get("item/a")).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    }
  });

  it("refuses an entry that was cut off anywhere", async () => {
    const { raw, sealed } = await withEntry();
    const good = (await raw.get("item/a"))!;
    for (let length = 0; length < good.length; length++) {
      await raw.put("item/a", good.slice(0, length));
      await expect(sealed.get("item/a")).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    }
  });

  it("wraps the adapter's failure with its cause", async () => {
    const failure = new Error("disk full");
    const raw = { ...createUnsafeMemoryStore(), batch: () => Promise.reject(failure) };
    const sealed = createSealedStore(raw, KEY, crypto);
    await expect(sealed.batch([{ kind: "delete", name: "a" }])).rejects.toMatchObject({
      code: "STORE_FAILED",
      cause: failure,
    });
  });

  it("writes nothing more after one failure, because nobody knows what is in the store then", async () => {
    const memory = createUnsafeMemoryStore();
    let failures = 1;
    const raw: DurableStore = {
      ...memory,
      batch: (operations) =>
        failures-- > 0 ? Promise.reject(new Error("once")) : memory.batch(operations),
    };
    const sealed = createSealedStore(raw, KEY, crypto);
    const put = [{ kind: "put" as const, name: "a", plain: PLAIN }];
    await expect(sealed.batch(put)).rejects.toMatchObject({ code: "STORE_FAILED" });
    await expect(sealed.batch(put)).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(await memory.list("")).toEqual([]);
  });

  it("refuses a store key of another length", () => {
    expect(() => createSealedStore(createUnsafeMemoryStore(), new Uint8Array(16), crypto)).toThrow(
      RangeError,
    );
  });
});
