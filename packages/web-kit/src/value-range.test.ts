import { describe, expect, it } from "vitest";
import { rangeWithLimits, valueRange } from "./value-range.ts";

describe("a value axis with limits", () => {
  const LIMITS = [40, 50, 91, 131];

  it("shows the next limit on each side, and none beyond it", () => {
    expect(rangeWithLimits(70, 75, LIMITS)).toEqual(valueRange(50, 91));
    expect(rangeWithLimits(45, 75, LIMITS)).toEqual(valueRange(40, 91));
    expect(rangeWithLimits(95, 100, LIMITS)).toEqual(valueRange(91, 131));
  });

  it("shows the values as ever where no limit lies beyond them", () => {
    expect(rangeWithLimits(30, 140, LIMITS)).toEqual(valueRange(30, 140));
    expect(rangeWithLimits(70, 75, [])).toEqual(valueRange(70, 75));
  });

  it("shows a limit that a value has just reached", () => {
    expect(rangeWithLimits(91, 91, LIMITS)).toEqual(valueRange(91, 91));
  });

  it("has nothing to show where there are no values", () => {
    expect(rangeWithLimits(null, null, LIMITS)).toEqual([0, 1]);
  });
});
