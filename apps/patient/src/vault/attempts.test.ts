import { describe, expect, it } from "vitest";
import { triesLeft, waitAfterMs, WaitKeeper } from "./attempts.ts";

describe("waits after wrong PINs", () => {
  it("never get shorter, and grow from the third on", () => {
    const waits = Array.from({ length: 10 }, (_, n) => waitAfterMs(n));
    expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
    for (let n = 3; n < 10; n++) expect(waits[n]).toBeGreaterThan(waits[n - 1]!);
  });

  it("begin when the page sees an attempt, and run by the monotonic clock", () => {
    let now = 5_000;
    const waits = new WaitKeeper(() => now);
    expect(waits.leftMs(3, 3)).toBe(30_000);
    now += 29_999;
    expect(waits.leftMs(3, 3)).toBe(1);
    now += 1;
    expect(waits.leftMs(3, 3)).toBe(0);
  });

  it("begin anew for an attempt that another page made", () => {
    let now = 0;
    const waits = new WaitKeeper(() => now);
    waits.leftMs(3, 3);
    now += 3_600_000;
    expect(waits.leftMs(4, 4)).toBe(60_000);
  });

  it("begin anew where the count fell and rose again unseen", () => {
    let now = 0;
    const waits = new WaitKeeper(() => now);
    waits.leftMs(4, 4);
    now += 3_600_000;
    expect(waits.leftMs(9, 4)).toBe(60_000);
  });
});

describe("tries left", () => {
  it("are said from the sixth wrong PIN on and not before", () => {
    expect(Array.from({ length: 11 }, (_, n) => triesLeft(n))).toEqual([
      ...Array.from({ length: 6 }, () => undefined),
      4,
      3,
      2,
      1,
      0,
    ]);
  });
});
