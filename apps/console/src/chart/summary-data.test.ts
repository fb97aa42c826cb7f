import type { SummarySeries } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { summaryBars, summaryPlotData, valuesIn } from "./summary-data.ts";

const HOUR = 3_600_000;

function series(change: Partial<SummarySeries> = {}): SummarySeries {
  return {
    kind: "heart-rate",
    unit: "/min",
    start: [0, HOUR],
    count: [60, 0],
    min: [55, null],
    max: [90, null],
    mean: [70.5, null],
    first: [60, null],
    firstAt: [1, null],
    last: [61, null],
    lastAt: [2, null],
    late: [0, 0],
    quarantined: [0, 3],
    ...change,
  };
}

const pressure = (part: "diastolic" | "mean" | "systolic", mean: (number | null)[]) =>
  series({ kind: "blood-pressure", part, unit: "mmHg", mean });

describe("bars of summaries", () => {
  it("go from the lowest to the highest value, in the middle of their period", () => {
    expect(summaryPlotData({ span: "hour", series: [series()] })).toEqual({
      at: [HOUR / 2000, HOUR / 2000 + 3600],
      main: [90, null],
      low: [55, null],
      mean: [70.5, null],
      hollow: [null, null],
      marked: [],
    });
  });

  it("of a pressure go from its mean diastolic to its mean systolic number", () => {
    const parts = [pressure("systolic", [120, 130]), pressure("diastolic", [80, null])];
    const bars = summaryBars({ span: "day", series: parts });
    expect(bars.map(({ low, high, mean }) => [low, high, mean])).toEqual([
      [80, 120, null],
      [null, 130, null],
    ]);
    const all = summaryBars({ span: "day", series: [...parts, pressure("mean", [93, null])] });
    expect(all[0]?.mean).toBe(93);
  });

  it("come in order of time, whichever part begins first", () => {
    const late = { ...pressure("diastolic", [80]), start: [0], count: [1], quarantined: [0] };
    const early = { ...pressure("systolic", [120]), start: [HOUR], count: [1], quarantined: [0] };
    const bars = summaryBars({ span: "hour", series: [early, late] });
    expect(bars.map(({ start }) => start)).toEqual([0, HOUR]);
  });

  it("show nothing where there is nothing", () => {
    expect(summaryBars({ span: "hour", series: [] })).toEqual([]);
    expect(valuesIn([])).toBe(0);
  });
});

describe("the number of values behind summaries", () => {
  it("counts those in quarantine, and a pressure once", () => {
    expect(valuesIn([series()])).toBe(63);
    const parts = [pressure("systolic", [1, 1]), pressure("diastolic", [1, 1])];
    expect(valuesIn([series(), ...parts])).toBe(126);
  });
});
