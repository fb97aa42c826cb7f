import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRefusalPace, MAX_HELD_MS, type RefusalPace } from "./refusal-pace.ts";

const LIMITS = {
  perSecond: 10,
  atOnce: 5,
  perSecondOfAll: 100,
  atOnceOfAll: 50,
  misuseHeldMs: 700,
};
const SLOT_MS = 50;
let pace: RefusalPace;

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1000);
  pace = createRefusalPace(LIMITS);
});

afterEach(() => {
  pace.stop();
  vi.useRealTimers();
});

/** Refuses that often at once; tells how many have left by now. */
function refuse(count: number, addressOf: (n: number) => string): () => number {
  let left = 0;
  for (let n = 0; n < count; n += 1) {
    const held = pace.next(addressOf(n));
    if (held === undefined) left += 1;
    else void held.then(() => (left += 1));
  }
  return () => left;
}

const same = (): string => "192.0.2.1";
const other = (n: number): string => `192.0.2.${String(n)}`;

describe("refusals", () => {
  it("leave at once while there are few", () => {
    expect(refuse(LIMITS.atOnce, same)()).toBe(LIMITS.atOnce);
    expect(pace.held()).toBe(0);
  });

  it.each(["too-large", "session-uploads"] as const)(
    "of what no honest device does wait, even the first: %s",
    async (reason) => {
      let left = false;
      void pace.next(same(), reason)?.then(() => (left = true));
      await vi.advanceTimersByTimeAsync(LIMITS.misuseHeldMs - 1);
      expect([left, pace.held()]).toEqual([false, 1]);
      await vi.advanceTimersByTimeAsync(2 * SLOT_MS);
      expect([left, pace.held()]).toEqual([true, 0]);
      expect(pace.next(same(), "malformed")).toBeUndefined();
    },
  );

  it("of one address leave at its pace when there are many", async () => {
    const left = refuse(30, same);
    expect([left(), pace.held()]).toEqual([5, 25]);
    await vi.advanceTimersByTimeAsync(1000 + SLOT_MS);
    expect(left()).toBe(15);
    await vi.advanceTimersByTimeAsync(1500);
    expect([left(), pace.held()]).toEqual([30, 0]);
  });

  it("of a flood do not hold back those of another address", () => {
    refuse(30, same);
    expect(pace.next("198.51.100.1")).toBeUndefined();
  });

  it("of an IPv6 network of 64 bits are those of one address", () => {
    expect(refuse(30, (n) => `2001:db8::${String(n)}`)()).toBe(LIMITS.atOnce);
  });

  it("of many addresses leave at the pace of all", async () => {
    const left = refuse(250, other);
    expect([left(), pace.held()]).toEqual([50, 200]);
    await vi.advanceTimersByTimeAsync(1000 + SLOT_MS);
    // A slot more or less.
    expect(left()).toBeGreaterThanOrEqual(150);
    expect(left()).toBeLessThanOrEqual(156);
  });

  it("are not held back longer than anybody waits, however many there are", async () => {
    const left = refuse(100_000, other);
    await vi.advanceTimersByTimeAsync(MAX_HELD_MS + SLOT_MS);
    expect([left(), pace.held()]).toEqual([100_000, 0]);
  });

  it("leave at once again after a rest", async () => {
    refuse(30, same);
    await vi.advanceTimersByTimeAsync(10_000);
    pace.forgetIdle();
    expect(refuse(30, same)()).toBe(LIMITS.atOnce);
  });

  it("are not forgotten while an address is not quiet", () => {
    refuse(30, same);
    pace.forgetIdle();
    expect(refuse(1, same)()).toBe(0);
  });

  it("all leave when it ends, and none is held back after that", async () => {
    const left = refuse(30, same);
    pace.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect([left(), pace.held(), refuse(30, same)()]).toEqual([30, 0, 30]);
  });
});
