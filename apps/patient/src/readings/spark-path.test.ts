import { describe, expect, it } from "vitest";
import { SPARK_HEIGHT, SPARK_WIDTH, sparkPath } from "./spark-path.ts";

function numbersOf(path: string): readonly number[] {
  return (path.match(/-?[\d.]+/g) ?? []).map(Number);
}

describe("the path of a small chart", () => {
  it("begins left and ends right, whatever the times", () => {
    const numbers = numbersOf(sparkPath([1_000, 5_000, 9_000].map((at) => ({ at, value: 70 }))));
    expect(numbers[0]).toBe(0);
    expect(numbers.at(-2)).toBe(SPARK_WIDTH);
  });

  it("is flat in the middle for values that do not change", () => {
    expect(sparkPath([0, 1_000].map((at) => ({ at, value: 70 })))).toBe("M0.0 24.0L240.0 24.0");
  });

  it("has higher values further up, and all of them in the field", () => {
    const path = sparkPath([20, 300, 72, 20].map((value, index) => ({ at: index * 1_000, value })));
    const heights = numbersOf(path).filter((_, index) => index % 2 === 1);
    expect(heights[1]).toBeLessThan(heights[0]!);
    for (const height of heights) {
      expect(height).toBeGreaterThanOrEqual(0);
      expect(height).toBeLessThanOrEqual(SPARK_HEIGHT);
    }
  });

  it("does not join what a gap parts", () => {
    const path = sparkPath([0, 1_000, 60_000, 61_000].map((at) => ({ at, value: 70 })));
    expect(path.match(/M/g)).toHaveLength(2);
  });
});
