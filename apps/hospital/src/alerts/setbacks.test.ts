import { describe, expect, it } from "vitest";
import { createSetbacks } from "./setbacks.ts";

const NOW = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;

describe("patients whose evaluation failed", () => {
  it("wait ever longer, a minute at most, and are then tried again", () => {
    const setbacks = createSetbacks();
    let now = NOW;
    const waits: number[] = [];
    for (let tried = 0; tried < 10; tried++) {
      setbacks.failed("a", { now, firstId: 1 });
      let wait = 0;
      while (setbacks.waiting(now + wait).length > 0) wait += 500;
      waits.push(wait);
      now += wait;
    }
    expect(waits.slice(0, 3)).toEqual([500, 1000, 2000]);
    expect(waits.at(-1)).toBe(60_000);
  });

  it("hold back the log from their first entry on, and no longer than they last", () => {
    const setbacks = createSetbacks();
    setbacks.failed("a", { now: NOW, firstId: 7 });
    setbacks.failed("b", { now: NOW, firstId: 5 });
    setbacks.failed("c", { now: NOW, firstId: undefined });
    expect(setbacks.firstUndone()).toBe(5);
    setbacks.over("b");
    expect(setbacks.firstUndone()).toBe(7);
    setbacks.over("a");
    expect(setbacks.firstUndone()).toBeUndefined();
  });

  it("are told of once it is no accident, and given up after an hour, not before", () => {
    const setbacks = createSetbacks();
    setbacks.failed("a", { now: NOW, firstId: 1 });
    expect(setbacks.isLasting("a")).toBe(false);
    setbacks.failed("a", { now: NOW + 500, firstId: 1 });
    expect(setbacks.isLasting("a")).toBe(true);
    expect(setbacks.isHopeless("a", NOW + HOUR - 1)).toBe(false);
    expect(setbacks.isHopeless("a", NOW + HOUR)).toBe(true);
    expect(setbacks.isHopeless("b", NOW + HOUR)).toBe(false);
  });
});
