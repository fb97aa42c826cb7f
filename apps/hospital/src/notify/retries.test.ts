import { describe, expect, it } from "vitest";
import { ALARMING_TRIES, GIVE_UP_MS, giveUpAt, nextTryAt } from "./retries.ts";

const TOLD = Date.UTC(2026, 0, 5, 8);

/** When each try is made where every one fails at once. */
const triesFrom = (toldAt: number): readonly number[] => {
  const tries = [toldAt];
  for (let at = toldAt; at < giveUpAt(toldAt); tries.push(at)) {
    at = nextTryAt({ attempt: tries.length, toldAt, at });
  }
  return tries;
};

describe("tries to deliver", () => {
  it("come soon at first and then rarer, and never after the time is up", () => {
    const tries = triesFrom(TOLD);
    const delays = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(delays.slice(0, 6)).toEqual([5000, 15_000, 30_000, 60_000, 120_000, 300_000]);
    expect(Math.max(...delays)).toBe(300_000);
    expect(tries.at(-1)).toBe(TOLD + GIVE_UP_MS);
  });

  it("have alarmed administrators within a minute", () => {
    const at = triesFrom(TOLD)[ALARMING_TRIES - 1] ?? Infinity;
    expect(at - TOLD).toBeLessThanOrEqual(60_000);
  });
});
