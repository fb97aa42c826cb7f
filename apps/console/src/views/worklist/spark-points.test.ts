import { TREND_STEP_MS, type Trend } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { sparkGap, sparkPoints } from "./spark-points.ts";

const values = [null, 60, null, 62];
const trend: Trend = {
  ...{ patient: "a", start: 0, stepMs: TREND_STEP_MS },
  series: [{ kind: "spo2", values }],
};

describe("the points of a small curve", () => {
  it("stand in the middle of their steps, and are none where there is no mean", () => {
    expect(sparkPoints(trend, "spo2")).toEqual([
      { at: 1.5 * TREND_STEP_MS, value: 60 },
      { at: 3.5 * TREND_STEP_MS, value: 62 },
    ]);
  });

  it("are none of a kind that was not measured, nor before anything is known", () => {
    expect(sparkPoints(trend, "heart-rate")).toEqual([]);
    expect(sparkPoints(undefined, "spo2")).toEqual([]);
  });

  it("are joined at their usual distance, and parted beyond it", () => {
    const hours = [0, 6, 12, 30].map((step) => ({ at: step * TREND_STEP_MS, value: 60 }));
    expect(sparkGap(hours)).toBe(15 * TREND_STEP_MS);
    expect(sparkGap([])).toBe(2.5 * TREND_STEP_MS);
  });
});
