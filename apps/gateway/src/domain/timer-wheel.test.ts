import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTimerWheel, type TimerWheel } from "./timer-wheel.ts";

const SLOT_MS = 100;
let wheel: TimerWheel<string>;
let due: string[];

beforeEach(() => {
  vi.useFakeTimers();
  due = [];
  wheel = createTimerWheel(SLOT_MS, (item) => due.push(item));
});

afterEach(() => {
  wheel.stop();
  vi.useRealTimers();
});

/** Lets time pass without the program getting a turn, as while it is busy. */
function holdUp(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
  // Fake timers move the monotonic clock only together with their timers.
  const elapsed = performance.now() + ms;
  vi.spyOn(performance, "now").mockReturnValueOnce(elapsed);
}

describe("a timer wheel", () => {
  it.each([0, 1, 99, 100, 101, 250, 30_000])(
    "lets an item fall due after %i ms: not earlier, and at most one slot later",
    (afterMs) => {
      vi.advanceTimersByTime(30);
      wheel.add("a", afterMs);
      vi.advanceTimersByTime(Math.max(0, afterMs - 1));
      expect(due).toEqual([]);
      vi.advanceTimersByTime(SLOT_MS + 1);
      expect(due).toEqual(["a"]);
    },
  );

  it("lets nothing fall due twice", () => {
    wheel.add("a", 50);
    vi.advanceTimersByTime(10_000);
    expect(due).toEqual(["a"]);
  });

  it("keeps to the order of time", () => {
    wheel.add("late", 900);
    wheel.add("early", 100);
    vi.advanceTimersByTime(1100);
    expect(due).toEqual(["early", "late"]);
  });

  it("lets nothing fall due that was cancelled, be it by what falls due with it", () => {
    wheel.stop();
    const slots = new Map<string, Set<string>>();
    wheel = createTimerWheel(SLOT_MS, (item) => {
      due.push(item);
      slots.get("b")?.delete("b");
    });
    for (const item of ["a", "b", "c"]) slots.set(item, wheel.add(item, 50));
    slots.get("c")?.delete("c");
    vi.advanceTimersByTime(1000);
    expect(due).toEqual(["a"]);
  });

  it("lets nothing fall due after it was stopped", () => {
    wheel.add("a", 50);
    wheel.stop();
    vi.advanceTimersByTime(1000);
    expect(due).toEqual([]);
  });

  it("gives the whole time to what is added while the program was held up", () => {
    vi.advanceTimersByTime(SLOT_MS);
    holdUp(50 * SLOT_MS);
    wheel.add("a", 60 * SLOT_MS);
    vi.advanceTimersByTime(109 * SLOT_MS);
    expect(due).toEqual([]);
    vi.advanceTimersByTime(2 * SLOT_MS);
    expect(due).toEqual(["a"]);
  });

  it("does not keep the program alive", () => {
    const interval = vi.spyOn(globalThis, "setInterval");
    createTimerWheel(SLOT_MS, () => undefined).stop();
    expect((interval.mock.results[0]?.value as NodeJS.Timeout).hasRef()).toBe(false);
  });
});
