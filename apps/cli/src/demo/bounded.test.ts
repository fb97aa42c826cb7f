import { describe, expect, it } from "vitest";

import { forEachBounded } from "./bounded.ts";

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

describe("a bounded loop", () => {
  it("does every item once, never more than the limit at a time", async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await forEachBounded([5, 1, 4, 2, 3, 9, 8], 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await turns(item);
      running -= 1;
      done.push(item);
    });
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 8, 9]);
    expect(most).toBe(3);
  });

  it("has nothing to do for no items", async () => {
    await expect(forEachBounded([], 3, () => Promise.reject(new Error()))).resolves.toBeUndefined();
  });

  it("throws the first failure, after those in flight have ended, and begins nothing more", async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const loop = forEachBounded([0, 1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      await turns(item === 0 ? 1 : 5);
      if (item === 0) throw new Error("first");
      ended.push(item);
    });
    await expect(loop).rejects.toThrow("first");
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });
});
