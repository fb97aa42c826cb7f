import { describe, expect, it } from "vitest";
import { fullYears } from "./profile.ts";

describe("fullYears", () => {
  it.each([
    ["1950-07-01", "2026-06-30T23:59:59Z", 75],
    ["1950-07-01", "2026-07-01T00:00:00Z", 76],
    ["2000-02-29", "2026-02-28T12:00:00Z", 25],
    ["2000-02-29", "2026-03-01T00:00:00Z", 26],
    ["2030-01-01", "2026-01-01T00:00:00Z", 0],
  ])("of somebody born on %s are, at %s, %d", (birth, at, years) => {
    expect(fullYears(birth, Date.parse(at))).toBe(years);
  });
});
