import type { LimitRule, Plan } from "@siphms/alerts";
import { describe, expect, it } from "vitest";
import { limitsForDevice } from "./device-limits.ts";

const BASE: Plan = {
  template: "adult",
  limits: [],
  changes: [],
  news2: null,
  noData: [],
  device: { silentAfterMs: null, batteryBelow: null, gaps: false },
};
const limit = (rule: Partial<LimitRule>): LimitRule => ({
  kind: "heart-rate",
  part: "value",
  side: "low",
  warn: null,
  urgent: null,
  hysteresis: 0,
  forMs: 0,
  ...rule,
});
const told = (...rules: readonly Partial<LimitRule>[]) =>
  limitsForDevice({ ...BASE, limits: rules.map(limit) });

describe("the limits that devices are told", () => {
  it("are none where the plan has none, or none of any level", () => {
    expect(told()).toEqual([]);
    expect(told({})).toEqual([]);
  });

  it("have both sides of one level together, and each level for itself", () => {
    expect(
      told({ side: "low", warn: 50, urgent: 40 }, { side: "high", warn: 111, urgent: 131 }),
    ).toEqual([
      { kind: 1, part: 0, low: 50, high: 111, level: 0 },
      { kind: 1, part: 0, low: 40, high: 131, level: 1 },
    ]);
  });

  it("leave a side open that has no limit", () => {
    expect(told({ side: "high", urgent: 131 })).toEqual([
      { kind: 1, part: 0, low: null, high: 131, level: 1 },
    ]);
  });

  it("are in the wire's units, without a binary fraction's noise", () => {
    expect(told({ kind: "body-temperature", warn: 36.1 })).toMatchObject([{ kind: 5, low: 3610 }]);
    expect(told({ kind: "spo2", warn: 95 })).toMatchObject([{ kind: 3, low: 950 }]);
    expect(told({ kind: "body-weight", warn: 1.005 })).toMatchObject([{ kind: 7, low: 101 }]);
  });

  it("tell the parts of a blood pressure apart", () => {
    const pressure = { kind: "blood-pressure", side: "high", warn: 140 } as const;
    expect(
      told(
        { ...pressure, part: "systolic" },
        { ...pressure, part: "diastolic" },
        { ...pressure, part: "mean" },
      ).map(({ part }) => part),
    ).toEqual([0, 1, 2]);
  });
});
