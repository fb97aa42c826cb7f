import { describe, expect, it } from "vitest";
import { rowsInSight } from "./rows-in-sight.ts";

const LIST = { rows: 500, rowHeight: 100, top: 200, windowHeight: 1_000 };

describe("the rows in sight", () => {
  it("begin with the first where the list begins in the window", () => {
    const { first, end } = rowsInSight(LIST);
    expect(first).toBe(0);
    expect(end).toBeGreaterThanOrEqual(8);
    expect(end).toBeLessThan(20);
  });

  it("cover the whole window wherever it stands", () => {
    for (let top = 200; top > -49_500; top -= 37) {
      const { first, end } = rowsInSight({ ...LIST, top });
      expect(first * 100 + top).toBeLessThanOrEqual(Math.max(top, 0));
      expect(end === 500 || end * 100 + top >= 1_000).toBe(true);
    }
  });

  it("end with the last, and are none of none", () => {
    expect(rowsInSight({ ...LIST, top: -49_500 }).end).toBe(500);
    expect(rowsInSight({ ...LIST, rows: 0 })).toEqual({ first: 0, end: 0 });
    expect(rowsInSight({ ...LIST, top: 90_000 })).toEqual({ first: 0, end: 0 });
  });
});
