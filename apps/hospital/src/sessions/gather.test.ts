import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gather } from "./gather.ts";

/** Work that notes its groups, and ends when it is told to. */
function observed(fails: (items: readonly number[]) => boolean = () => false) {
  const groups: number[][] = [];
  const ends: (() => void)[] = [];
  const hand = gather(async (items: readonly number[]) => {
    groups.push([...items]);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (fails(items)) throw new Error(`failed: ${items.join()}`);
    return items.map((item) => item * 10);
  });
  return { hand, groups, ends };
}

const turn = () => vi.advanceTimersByTimeAsync(5);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Ends all work, also what begins meanwhile. */
async function endAll(ends: (() => void)[]): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    if (ends.length > 0) quiet = 0;
    for (const end of ends.splice(0)) end();
    await turn();
  }
}

describe("gather", () => {
  it("does together what came together, and gives each its own outcome", async () => {
    const { hand, groups, ends } = observed();
    const outcomes = Promise.all([hand(1), hand(2), hand(3)]);
    await turn();
    await endAll(ends);
    expect(await outcomes).toEqual([10, 20, 30]);
    expect(groups).toEqual([[1, 2, 3]]);
  });

  it("lets what comes meanwhile wait for the group before, however much it is", async () => {
    const { hand, groups, ends } = observed();
    const first = hand(1);
    await turn();
    const later = Promise.all([hand(2), hand(3)]);
    await turn();
    expect(groups).toEqual([[1]]);
    await endAll(ends);
    expect([await first, await later]).toEqual([10, [20, 30]]);
    expect(groups).toEqual([[1], [2, 3]]);
  });

  it("lets the first of a group wait five milliseconds for others", async () => {
    const groups: number[][] = [];
    const hand = gather((items: readonly number[]) => {
      groups.push([...items]);
      return Promise.resolve(items);
    });
    const first = hand(1);
    await vi.advanceTimersByTimeAsync(4);
    const second = hand(2);
    expect(groups).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(groups).toEqual([[1, 2]]);
  });

  it("begins again after it had nothing to do", async () => {
    const { hand, groups, ends } = observed();
    for (const item of [1, 2]) {
      const outcome = hand(item);
      await turn();
      await endAll(ends);
      expect(await outcome).toBe(item * 10);
    }
    expect(groups).toEqual([[1], [2]]);
  });

  it("tries each alone where a group fails, so that one cannot take the others with it", async () => {
    const { hand, groups, ends } = observed((items) => items.includes(2));
    const outcomes = Promise.allSettled([hand(1), hand(2), hand(3)]);
    await turn();
    await endAll(ends);
    expect((await outcomes).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(groups).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  it("tries one that was alone no second time, and goes on after it", async () => {
    const { hand, groups, ends } = observed((items) => items.includes(1));
    const failed = hand(1).catch((error: unknown) => String(error));
    await turn();
    const next = hand(2);
    await endAll(ends);
    expect(await failed).toBe("Error: failed: 1");
    expect(await next).toBe(20);
    expect(groups).toEqual([[1], [2]]);
  });
});
