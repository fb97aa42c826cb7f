import { describe, expect, it } from "vitest";
import { plotData, type Mark, type PlotPoint } from "./plot-data.ts";

function point(second: number, value: PlotPoint["value"] = 70, mark?: Mark): PlotPoint {
  return { at: second * 1000, value, mark };
}

describe("plotData", () => {
  it("breaks the curve where values are missing", () => {
    const data = plotData([0, 1, 2, 3, 60, 61].map((second) => point(second)));
    expect(data.main).toEqual([70, 70, 70, 70, null, 70, 70]);
    expect(data.at[4]).toBeGreaterThan(3);
    expect(data.at[4]).toBeLessThan(60);
  });

  it("never joins a value in quarantine to the curve, nor marks it as anything else", () => {
    const data = plotData([point(0), point(1, 0, "quarantined"), point(2)]);
    expect(data.main).toEqual([70, null, 70]);
    expect(data.hollow).toEqual([null, 0, null]);
    expect(data.marked).toEqual([]);
  });

  it("keeps late, typed, imported and released values on the curve, each with its mark", () => {
    const marks = ["late", "typed", "imported", "released"] as const;
    const data = plotData(marks.map((mark, second) => point(second, 70 + second, mark)));
    expect(data.main).toEqual([70, 71, 72, 73]);
    expect(data.hollow).toEqual([null, null, null, null]);
    expect(data.marked).toEqual(
      marks.map((mark, second) => ({ at: second, value: 70 + second, mark })),
    );
  });

  it("keeps the ends and the mean of a pressure, and its missing parts as missing", () => {
    const data = plotData([point(0, [120, 80, 93]), point(1, [118, null, null])]);
    expect(data.main).toEqual([120, 118]);
    expect(data.low).toEqual([80, null]);
    expect(data.mean).toEqual([93, null]);
  });

  it("has no mark where the upper number of a pressure is missing", () => {
    const data = plotData([point(0, [null, 80, null], "typed")]);
    expect(data.main).toEqual([null]);
    expect(data.marked).toEqual([]);
  });

  it("orders by time and does not alter its input", () => {
    const input = [point(2, 72), point(0, 70)];
    expect(plotData(input).at).toEqual([0, 2]);
    expect(input[0]?.at).toBe(2000);
  });

  it("gives empty columns for no values", () => {
    expect(plotData([]).at).toEqual([]);
  });
});
