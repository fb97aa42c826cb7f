import { describe, expect, it } from "vitest";
import { sparkHeight, sparkPath, type SparkPoint } from "./spark-path.ts";

const FIELD = { width: 240, height: 48, gapMs: 15_000, leastRange: 8 };

function numbersOf(path: string): readonly number[] {
  return (path.match(/-?[\d.]+/g) ?? []).map(Number);
}

function points(...values: readonly number[]): SparkPoint[] {
  return values.map((value, index) => ({ at: index * 1_000, value }));
}

describe("the path of a small chart", () => {
  it("begins left and ends right, whatever the times", () => {
    const path = sparkPath(
      [1_000, 5_000, 9_000].map((at) => ({ at, value: 70 })),
      FIELD,
    );
    expect(numbersOf(path)[0]).toBe(0);
    expect(numbersOf(path).at(-2)).toBe(FIELD.width);
  });

  it("stands where its times are in the time of the field", () => {
    const path = sparkPath(points(70, 70), { ...FIELD, from: -2_000, to: 2_000 });
    expect(path).toBe("M120.0 24.0L180.0 24.0");
  });

  it("is flat in the middle for values that do not change", () => {
    expect(sparkPath(points(70, 70), FIELD)).toBe("M0.0 24.0L240.0 24.0");
  });

  it("has higher values further up, and all of them in the field", () => {
    const heights = numbersOf(sparkPath(points(20, 300, 72, 20), FIELD)).filter(
      (_, index) => index % 2 === 1,
    );
    expect(heights[1]).toBeLessThan(heights[0]!);
    for (const height of heights) {
      expect(height).toBeGreaterThanOrEqual(0);
      expect(height).toBeLessThanOrEqual(FIELD.height);
    }
  });

  it("does not join what a gap parts, and shows what stands alone", () => {
    const path = sparkPath(
      [0, 1_000, 60_000].map((at) => ({ at, value: 70 })),
      FIELD,
    );
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path).toMatch(/h3$/);
  });

  it("leaves room for a value that no point has, where it has to be in sight", () => {
    const limit = { ...FIELD, reach: [131] };
    const height = sparkHeight(points(70, 90), limit);
    expect(height(131)).toBeGreaterThanOrEqual(0);
    expect(height(131)).toBeLessThan(height(90));
    expect(sparkHeight(points(70, 90), FIELD)(131)).toBeLessThan(0);
    expect(sparkPath(points(70, 90), limit)).not.toBe(sparkPath(points(70, 90), FIELD));
  });

  it("is empty of nothing", () => {
    expect(sparkPath([], FIELD)).toBe("");
  });
});
