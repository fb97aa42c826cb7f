import { assumeClock, clockErrorMs, measureClock } from "@siphms/gatt";
import { describe, expect, it } from "vitest";

const NOON = Date.UTC(2026, 2, 14, 12);
const MINUTE = 60_000;

describe("a meter's clock", () => {
  it("is measured by what it shows at a time of ours", () => {
    expect(measureClock(NOON + 62 * MINUTE, NOON)).toEqual({
      offsetMs: -62 * MINUTE,
      basis: "measured",
    });
    expect(measureClock(NOON - 3.4, NOON)?.offsetMs).toBe(3);
  });

  it("is not known where it was never set", () => {
    expect(measureClock(undefined, NOON)).toBeUndefined();
  });

  it("is else taken to show the time of this place", () => {
    expect(assumeClock(-300)).toEqual({ offsetMs: 300 * MINUTE, basis: "assumed" });
  });

  it("is wrong by what is left without the time zone, positive when fast", () => {
    const twoMinutesFast = measureClock(NOON + 62 * MINUTE, NOON)!;
    expect(clockErrorMs(twoMinutesFast, 60)).toBe(2 * MINUTE);
    expect(clockErrorMs(assumeClock(60), 60)).toBe(0);
  });
});
