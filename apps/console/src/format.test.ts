import { describe, expect, it } from "vitest";
import { formatTimeLeft } from "./format.ts";

describe("a time that is left", () => {
  it.each([
    [900_000, "15:00"],
    // The hospital's clock is known to a few milliseconds.
    [900_004, "15:00"],
    [61_000, "1:01"],
    [499, "0:00"],
    [-5000, "0:00"],
  ])("of %d ms is shown as %s", (leftMs, shown) => {
    expect(formatTimeLeft(leftMs)).toBe(shown);
  });
});
