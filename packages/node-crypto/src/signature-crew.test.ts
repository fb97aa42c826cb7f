import type { KeyObject } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { createNodeCrypto, createSignatureCrew, type TextToSign } from "./index.ts";
import { runCrewTask } from "./crew-task.ts";
import { platformKey } from "./node-crypto.ts";

const crypto = createNodeCrypto();
const crew = createSignatureCrew(crypto, 2);
const key = await crypto.generateSigningKey();
const verifyKey = await crypto.importVerifyKey(key.publicPoint);
const stranger = await crypto.generateSigningKey();

/** Enough that the workers take part, of lengths that differ. */
const texts = Array.from({ length: 37 }, (_, index) => new Uint8Array(index * 7).fill(index));
const toSign: readonly TextToSign[] = texts.map((data) => ({ key, data }));
const signed = async (count = texts.length) => {
  const signatures = await crew.signAll(toSign.slice(0, count));
  return signatures.map((signature, index) => ({
    key: verifyKey,
    signature,
    data: texts[index] ?? new Uint8Array(),
  }));
};

afterAll(() => crew.close());

describe("a crew that signs and verifies", () => {
  it.each([0, 1, 3, 4, 5, 36, 37])(
    "makes %i signatures that verify, in their order",
    async (count) => {
      const items = await signed(count);
      expect(items).toHaveLength(count);
      for (const { signature, data } of items) {
        expect(crypto.verifySync(verifyKey, signature, data)).toBe(true);
      }
      expect(await crew.verifyAll(items)).toEqual(items.map(() => true));
    },
  );

  it("names exactly the bad ones among good ones", async () => {
    const items = await signed();
    const others = await crew.signAll([{ key: stranger, data: texts[9] ?? new Uint8Array() }]);
    const spoilt = items.map((item, index) => {
      if (index === 3) return { ...item, data: new Uint8Array([1]) };
      if (index === 9) return { ...item, signature: others[0] ?? new Uint8Array() };
      if (index === 20) return { ...item, signature: new Uint8Array(64) };
      if (index === 21) return { ...item, signature: item.signature.subarray(1) };
      if (index === 22) return { ...item, signature: new Uint8Array(65) };
      if (index === 23) return { ...item, signature: new Uint8Array() };
      return item;
    });
    const bad = [3, 9, 20, 21, 22, 23];
    expect(await crew.verifyAll(spoilt)).toEqual(spoilt.map((_, index) => !bad.includes(index)));
  });

  it("does several tasks at once without mixing them up", async () => {
    const items = await signed();
    const wrong = items.map((item) => ({ ...item, data: new Uint8Array([255]) }));
    const [first, second, third] = await Promise.all([
      crew.verifyAll(items),
      crew.verifyAll(wrong),
      crew.verifyAll(items.slice(5)),
    ]);
    expect(new Set(first)).toEqual(new Set([true]));
    expect(new Set(second)).toEqual(new Set([false]));
    expect(third).toHaveLength(32);
  });

  it("refuses a key that another adapter made", async () => {
    const foreign = { kind: "verify-key" } as const;
    const items = (await signed()).map((item) => ({ ...item, key: foreign }));
    await expect(crew.verifyAll(items)).rejects.toBeInstanceOf(TypeError);
  });

  it("answers all the same when its workers are gone", async () => {
    const lost = createSignatureCrew(crypto, 2);
    const items = await signed();
    await lost.close();
    expect(await lost.verifyAll(items)).toEqual(items.map(() => true));
  });
});

describe("a worker's task", () => {
  const task = {
    id: 7,
    work: "sign" as const,
    newKeys: [[4, platformKey(key)]] as const,
    forget: false,
    keys: Float64Array.of(4),
    texts: new Uint8Array([1, 2, 3]),
    lengths: Uint32Array.of(3),
  };

  it("signs with a key that was sent, then and later", () => {
    const known = new Map<number, KeyObject>();
    const first = runCrewTask(task, known);
    const later = runCrewTask({ ...task, newKeys: [] }, known);
    for (const { id, bytes } of [first, later]) {
      expect(id).toBe(7);
      expect(crypto.verifySync(verifyKey, bytes, task.texts)).toBe(true);
    }
  });

  it("fails for a key that was never sent, or forgotten", () => {
    expect(() => runCrewTask({ ...task, newKeys: [] }, new Map<number, KeyObject>())).toThrow(
      TypeError,
    );
    const known = new Map<number, KeyObject>();
    runCrewTask(task, known);
    expect(() => runCrewTask({ ...task, newKeys: [], forget: true }, known)).toThrow(TypeError);
  });
});
