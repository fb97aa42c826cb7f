import { describe, expect, it } from "vitest";

import { planTemplate } from "@siphms/alerts";
import type { Plan, Sample } from "@siphms/alerts";

import { measureRuleRate, rulesMet } from "./rule-rate.ts";

const PULSE: Sample = { kind: "heart-rate", at: 0, value: 70, late: false };

describe("the rate of rules", () => {
  it("counts the limits of each value, NEWS2 of each moment and what is watched of devices", () => {
    const plan = planTemplate("adult");
    expect(rulesMet(plan, [])).toBe(6);
    expect(rulesMet(plan, [PULSE])).toBe(6 + 2 + 1);
    expect(rulesMet(plan, [PULSE, { ...PULSE, kind: "spo2" }])).toBe(6 + 2 + 1 + 1);
    expect(rulesMet(plan, [PULSE, { ...PULSE, at: 1 }])).toBe(6 + 2 + 2 + 2);
  });

  it("does not count what a plan has not", () => {
    const device = { silentAfterMs: null, batteryBelow: null, gaps: false };
    const bare: Plan = { ...planTemplate("adult"), limits: [], news2: null, noData: [], device };
    expect(rulesMet(bare, [PULSE])).toBe(0);
  });

  it("is measured of two loads", () => {
    const { small, minute } = measureRuleRate({ seconds: 0.02 });
    for (const { evaluationsPerSecond, rulesPerSecond } of [small, minute]) {
      expect(evaluationsPerSecond).toBeGreaterThan(0);
      expect(rulesPerSecond).toBeGreaterThan(evaluationsPerSecond);
    }
  });
});
