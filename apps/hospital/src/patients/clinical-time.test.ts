import { describe, expect, it } from "vitest";
import { clinicalSpeed, clinicalTime } from "./index.ts";

const START = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;
/** Begins ten hours ago and runs ten times as fast: it reaches real time after ten ninths of an hour. */
const replay = { anchor: START - 10 * HOUR, start: START, speed: 10 };

describe("clinical time", () => {
  it("is real time for everybody who is no demo", () => {
    expect(clinicalTime(null, START)).toBe(START);
    expect(clinicalSpeed(null, START)).toBeUndefined();
  });

  it("begins at the replay's anchor and runs at its speed", () => {
    expect(clinicalTime(replay, START)).toBe(replay.anchor);
    expect(clinicalTime(replay, START + HOUR / 10)).toBe(replay.anchor + HOUR);
    expect(clinicalSpeed(replay, START + HOUR / 10)).toBe(10);
  });

  it.each([
    ["at the moment when it has caught up", (10 / 9) * HOUR],
    ["an hour later", (19 / 9) * HOUR],
    ["a year later", 365 * 24 * HOUR],
  ])("never passes real time: %s", (_title, after) => {
    const now = Math.ceil(START + after);
    expect(clinicalTime(replay, now)).toBe(now);
    expect(clinicalSpeed(replay, now)).toBeUndefined();
  });

  it("does not lie ahead where the replay was made to begin ahead", () => {
    const ahead = { anchor: START + HOUR, start: START, speed: 1 };
    expect(clinicalTime(ahead, START)).toBe(START);
    expect(clinicalSpeed(ahead, START)).toBeUndefined();
  });

  it("stays behind for ever at the speed of real time", () => {
    const later = START + 365 * 24 * HOUR;
    const slow = { ...replay, speed: 1 };
    expect(clinicalTime(slow, later)).toBe(later - 10 * HOUR);
    expect(clinicalSpeed(slow, later)).toBe(1);
  });
});
