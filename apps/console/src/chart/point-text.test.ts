import { plotData, type PlotPoint } from "@siphms/web-kit";
import { describe, expect, it } from "vitest";
import { nextPoint } from "./point-text.ts";

const POINTS: readonly PlotPoint[] = [0, 1_000, 2_000, 90_000].map((at) => ({ at, value: 70 }));

describe("going from value to value", () => {
  const data = plotData(POINTS);

  it("leaves a gap out", () => {
    expect(data.main[3]).toBeNull();
    expect(nextPoint(data, 2, 1)).toBe(4);
    expect(nextPoint(data, 4, -1)).toBe(2);
  });

  it("begins at the end that one comes from, and stays at the last", () => {
    expect(nextPoint(data, null, -1)).toBe(4);
    expect(nextPoint(data, null, 1)).toBe(0);
    expect(nextPoint(data, 4, 1)).toBe(4);
  });

  it("goes to what is in quarantine as well, and nowhere where there is nothing", () => {
    const held = plotData([{ at: 0, value: 0, mark: "quarantined" }]);
    expect(nextPoint(held, null, 1)).toBe(0);
    expect(nextPoint(plotData([]), null, 1)).toBeNull();
  });
});
