import type { Series } from "@siphms/messages";
import { describe, expect, it } from "vitest";
import { contentOf } from "./item-series.ts";

const HEART: Series = { kind: 1, start: 1_000, step: 10, values: [70, 75, 72, 68], origin: 0 };
const PRESSURE: Series = { kind: 2, start: 5_000, step: 0, values: [[122, 78, null]], origin: 1 };

describe("what an item holds", () => {
  it("is told with count, times, last value and range", () => {
    expect(contentOf([HEART], [4])).toEqual([
      [{ kind: 1, origin: 0, count: 4, start: 1_000, end: 1_030, last: 68, low: 68, high: 75 }],
    ]);
  });

  it("follows the split of a series over several items", () => {
    const [first, second] = contentOf([HEART, PRESSURE], [3, 2]);
    expect(first).toMatchObject([{ kind: 1, count: 3, end: 1_020, last: 72, low: 70, high: 75 }]);
    expect(second).toMatchObject([
      { kind: 1, count: 1, start: 1_030, last: 68 },
      { kind: 2, count: 1, last: [122, 78, null], origin: 1 },
    ]);
  });

  it("gives a pressure no range, and a sample its status", () => {
    const [content] = contentOf([PRESSURE, { ...HEART, values: [0], status: [4] }], [2]);
    expect(content?.[0]).not.toHaveProperty("low");
    expect(content?.[1]).toMatchObject({ lastStatus: 4 });
  });

  it("loses no sample and invents none, however it is cut", () => {
    for (const sizes of [[1, 1, 1, 1, 1], [2, 3], [5], [4, 1]]) {
      const contents = contentOf([HEART, PRESSURE], sizes);
      expect(contents.map((item) => item.reduce((sum, { count }) => sum + count, 0))).toEqual(
        sizes,
      );
    }
  });

  it("is nothing where nothing was recorded", () => {
    expect(contentOf([], [])).toEqual([]);
  });
});
