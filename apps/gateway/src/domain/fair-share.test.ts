import { describe, expect, it } from "vitest";
import { createFairShare } from "./fair-share.ts";

/** How many places a holder gets when it takes all that it can. */
function takeAll(share: ReturnType<typeof createFairShare>, holder: string): number {
  let count = 0;
  while (share.take(holder)) count += 1;
  return count;
}

describe("a fair share", () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [100, 50],
  ])("of %i places gives one holder alone %i", (places, most) => {
    const share = createFairShare(places);
    expect([takeAll(share, "a"), share.taken()]).toEqual([most, most]);
  });

  it("has a place for a newcomer when places have gone round, however greedy the crowd before was", () => {
    const share = createFairShare(100);
    const crowd = Array.from({ length: 20 }, (_, index) => `crowd ${String(index)}`);
    const held = new Map(crowd.map((holder) => [holder, takeAll(share, holder)]));
    expect([share.taken(), share.take("newcomer")]).toEqual([100, false]);
    for (let round = 0; round < 200; round += 1) {
      for (const holder of crowd) {
        const own = held.get(holder) ?? 0;
        if (own > 0) share.giveBack(holder);
        held.set(holder, Math.max(0, own - 1) + takeAll(share, holder));
      }
    }
    expect(Math.max(...held.values())).toBeLessThanOrEqual(6);
    expect(share.take("newcomer")).toBe(true);
  });

  it("gives nobody more than there are places", () => {
    const share = createFairShare(10);
    for (let holder = 0; holder < 50; holder += 1) takeAll(share, String(holder));
    expect(share.taken()).toBe(10);
    expect(share.take("newcomer")).toBe(false);
  });

  it("gives a holder no more for giving back and taking again", () => {
    const share = createFairShare(10);
    expect(takeAll(share, "a")).toBe(5);
    share.giveBack("a");
    expect([takeAll(share, "a"), share.taken()]).toEqual([1, 5]);
  });

  it("gives a holder more when others have left", () => {
    const share = createFairShare(9);
    expect([takeAll(share, "a"), takeAll(share, "b")]).toEqual([5, 2]);
    for (let count = 0; count < 2; count += 1) share.giveBack("b");
    expect(share.take("a")).toBe(false);
    for (let count = 0; count < 5; count += 1) share.giveBack("a");
    expect([share.taken(), takeAll(share, "b")]).toEqual([0, 5]);
  });

  it.each(["nobody", "gone"])("takes nothing back from %s, who has no place", (holder) => {
    const share = createFairShare(10);
    share.take("gone");
    share.giveBack("gone");
    expect(() => {
      share.giveBack(holder);
    }).toThrow(RangeError);
    expect(share.taken()).toBe(0);
  });
});
