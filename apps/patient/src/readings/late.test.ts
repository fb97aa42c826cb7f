import { describe, expect, it } from "vitest";
import { isLate } from "./late.ts";

describe("a late value", () => {
  it("came more than a quarter of an hour after it was measured", () => {
    expect(isLate(0, 900_001)).toBe(true);
    expect(isLate(0, 900_000)).toBe(false);
    expect(isLate(900_000, 0)).toBe(false);
  });
});
