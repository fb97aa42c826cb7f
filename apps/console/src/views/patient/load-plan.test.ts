import { describe, expect, it } from "vitest";
import { loadPlan, wholePlan } from "./load-plan.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 20_000 * DAY + 5 * HOUR + 7;

describe("what the charts ask for", () => {
  it.each([HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 400 * DAY])(
    "covers a view of %d ms, and not much more",
    (length) => {
      const { from, to } = loadPlan({ from: NOW - length, to: NOW });
      expect(from).toBeLessThanOrEqual(NOW - length);
      expect(to).toBeGreaterThan(NOW);
      expect(to - from).toBeLessThanOrEqual(1.5 * length);
    },
  );

  it("is the same after a little panning, and while the clock goes on", () => {
    const view = { from: NOW - 6 * HOUR, to: NOW };
    expect(loadPlan({ from: view.from + 60_000, to: view.to + 60_000 })).toEqual(loadPlan(view));
  });

  it("is every value of a few hours, and sums of hours or days where there may be too many", () => {
    const summaryOf = (length: number) => loadPlan({ from: NOW - length, to: NOW }).summary;
    expect(summaryOf(6 * HOUR)).toBeUndefined();
    expect(summaryOf(DAY)).toBe("hour");
    expect(summaryOf(30 * DAY)).toBe("hour");
    expect(summaryOf(365 * DAY)).toBe("day");
  });

  it("never begins before the beginning of time", () => {
    expect(loadPlan({ from: -5 * DAY, to: HOUR }).from).toBe(0);
  });

  it("is from the beginning where everything is asked for, by whole days", () => {
    expect(wholePlan(NOW)).toEqual({ from: 0, to: 20_001 * DAY, summary: "day" });
  });
});
