import type { SensorSeries } from "@siphms/gatt";
import { describe, expect, it } from "vitest";
import { mergeSeries } from "./merge-series.ts";

const at = (start: number, changed: Partial<SensorSeries> = {}): SensorSeries => {
  return { kind: 1, start, step: 0, values: [start], origin: 0, ...changed };
};

describe("series that follow each other", () => {
  it("become one with the time between them", () => {
    expect(mergeSeries([at(10), at(30), at(35)])).toEqual([
      { kind: 1, start: 10, deltas: [0, 20, 5], values: [10, 30, 35], origin: 0 },
    ]);
  });

  it("keep the steps that they have inside", () => {
    const [one] = mergeSeries([
      at(0, { kind: 8, deltas: [0, 7], values: [1, 2] }),
      at(10, { kind: 8, deltas: [0, 5], values: [3, 4] }),
    ]);
    expect(one).toMatchObject({ start: 0, deltas: [0, 7, 3, 5], values: [1, 2, 3, 4] });
  });

  it("stay as they are when alone", () => {
    const alone = at(10);
    expect(mergeSeries([alone])).toEqual([alone]);
  });

  it.each([
    ["would go back in time", at(9)],
    ["are of another kind", at(11, { kind: 3 })],
    ["are of another sensor", at(11, { sensor: { model: "B" } })],
    ["have a status where the others have none", at(11, { status: [4] })],
  ])("stay apart where they %s", (_, other) => {
    expect(mergeSeries([at(10), other])).toHaveLength(2);
  });
});
