import type { ApiSample } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { plotData } from "./plot-data.ts";

function sample(
  at: number,
  value: ApiSample["value"],
  state: ApiSample["state"] = "stored",
): ApiSample {
  return {
    kind: "heart-rate",
    at,
    value,
    unit: "/min",
    origin: "sensor",
    state,
    device: "d",
    messageId: "m",
  };
}

describe("plotData", () => {
  it("breaks the curve where samples are missing", () => {
    const data = plotData([0, 1, 2, 3, 60, 61].map((second) => sample(second * 1000, 70)));
    expect(data.at).toHaveLength(7);
    expect(data.main[4]).toBeNull();
    expect(data.at[4]).toBeGreaterThan(3);
    expect(data.at[4]).toBeLessThan(60);
  });

  it("never joins a quarantined or late value to the curve", () => {
    const data = plotData([
      sample(0, 70),
      sample(1000, 0, "quarantined"),
      sample(2000, 71, "late"),
    ]);
    expect(data.main).toEqual([70, null, null]);
    expect(data.hollow).toEqual([null, 0, 71]);
  });

  it("keeps the ends and the mean of a pressure, and its missing parts as missing", () => {
    const data = plotData([sample(0, [120, 80, 93]), sample(1000, [118, null, null])]);
    expect(data.main).toEqual([120, 118]);
    expect(data.low).toEqual([80, null]);
    expect(data.mean).toEqual([93, null]);
  });

  it("orders by time and does not alter its input", () => {
    const input = [sample(2000, 72), sample(0, 70)];
    expect(plotData(input).at).toEqual([0, 2]);
    expect(input[0]?.at).toBe(2000);
  });

  it("gives empty columns for no samples", () => {
    expect(plotData([]).at).toEqual([]);
  });
});
