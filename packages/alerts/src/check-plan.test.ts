import { checkPlan, planTemplate, TEMPLATE_NAMES } from "@siphms/alerts";
import type { ChangeRule, LimitRule, News2Rule, Plan, PlanFault } from "@siphms/alerts";
import { fromClinical, judge, KINDS } from "@siphms/vitals";
import { describe, expect, it } from "vitest";

const ADULT = planTemplate("adult");
const HEART: LimitRule = {
  kind: "heart-rate",
  part: "value",
  side: "high",
  warn: 91,
  urgent: 131,
  hysteresis: 3,
  forMs: 0,
};
const WEIGHT: ChangeRule = {
  kind: "body-weight",
  part: "value",
  direction: "rise",
  by: 2,
  withinMs: 3 * 86_400_000,
  level: "warn",
};

function faultOf(change: Partial<Plan>): PlanFault | undefined {
  return checkPlan({ ...ADULT, limits: [], ...change });
}

describe("the templates", () => {
  it.each(TEMPLATE_NAMES)("%s makes sense, and names itself", (name) => {
    const plan = planTemplate(name);
    expect(checkPlan(plan)).toBeUndefined();
    expect(plan.template).toBe(name);
  });

  it("are six different ones", () => {
    const plans = TEMPLATE_NAMES.map((name) =>
      JSON.stringify({ ...planTemplate(name), template: "" }),
    );
    expect(new Set(plans).size).toBe(6);
  });

  it("order SpO2 scale 2 for COPD alone, with limits that fit it", () => {
    const scales = TEMPLATE_NAMES.filter((name) => planTemplate(name).news2?.spo2Scale === 2);
    expect(scales).toEqual(["copd"]);
    const spo2 = planTemplate("copd").limits.filter(({ kind }) => kind === "spo2");
    expect(spo2.map(({ warn, urgent }) => [warn, urgent])).toEqual([[87, 83]]);
  });
});

describe("a plan that makes no sense is refused:", () => {
  it.each<readonly [string, PlanFault["fault"], Partial<LimitRule>]>([
    ["a warning beyond the urgent limit", "order", { warn: 140 }],
    ["a warning at the urgent limit", "order", { warn: 131 }],
    ["a low warning under the urgent one", "order", { side: "low", warn: 40, urgent: 50 }],
    ["a limit of neither level", "no-limit", { warn: null, urgent: null }],
    ["a limit that no heart reaches", "range", { urgent: 301 }],
    ["a limit under what counts as a rate", "range", { side: "low", warn: 50, urgent: 19 }],
    ["a limit that is no number", "range", { warn: NaN }],
    ["a hysteresis less than nothing", "range", { hysteresis: -1 }],
    ["a hysteresis as wide as the range", "range", { hysteresis: 300 }],
    ["a time before it began", "time", { forMs: -1 }],
    ["a time that nobody lives to see", "time", { forMs: 1e19 }],
    ["a heart rate's systolic", "part", { part: "systolic" }],
    ["a pressure's only number", "part", { kind: "blood-pressure" }],
  ])("%s", (_, fault, change) => {
    expect(faultOf({ limits: [{ ...HEART, ...change }] })?.fault).toBe(fault);
  });

  it("twice the same limit", () => {
    const limits = [HEART, { ...HEART, warn: 100 }];
    expect(faultOf({ limits })).toEqual({
      fault: "duplicate",
      rule: "limit:heart-rate:value:high",
    });
  });

  it("limits between whose sides nothing is left", () => {
    const low: LimitRule = { ...HEART, side: "low", warn: 91, urgent: 40 };
    expect(faultOf({ limits: [HEART, low] })?.fault).toBe("order");
    expect(faultOf({ limits: [HEART, { ...low, warn: 90 }] })).toBeUndefined();
  });

  it.each<readonly [string, PlanFault["fault"], Partial<ChangeRule>]>([
    ["a change of nothing", "range", { by: 0 }],
    ["a change wider than the range", "range", { by: 500 }],
    ["a change at once", "time", { withinMs: 0 }],
    ["a change over ages", "time", { withinMs: 1e19 }],
    ["a change of a part that there is not", "part", { part: "mean" }],
  ])("%s", (_, fault, change) => {
    expect(faultOf({ changes: [{ ...WEIGHT, ...change }] })?.fault).toBe(fault);
  });

  it("twice the same change", () => {
    expect(faultOf({ changes: [WEIGHT, { ...WEIGHT, by: 3 }] })?.fault).toBe("duplicate");
    expect(faultOf({ changes: [WEIGHT, { ...WEIGHT, direction: "fall" }] })).toBeUndefined();
  });

  it.each<readonly [string, Partial<News2Rule>]>([
    ["warns above what is urgent", { warnFrom: 8 }],
    ["warns at 0", { warnFrom: 0 }],
    ["is urgent at 21", { urgentFrom: 21 }],
    ["is urgent at half a point", { urgentFrom: 7.5 }],
    ["forgets each value at once", { carryForwardMs: 0 }],
    ["never forgets a value", { carryForwardMs: 1e19 }],
  ])("NEWS2 that %s", (_, change) => {
    const { news2 } = ADULT;
    expect(faultOf({ news2: news2 === null ? null : { ...news2, ...change } })?.fault).toBe(
      "news2",
    );
  });

  it.each<readonly [string, PlanFault["fault"], Partial<Plan>]>([
    ["a kind missed at once", "time", { noData: [{ kind: "spo2", afterMs: 0 }] }],
    ["a kind missed never", "time", { noData: [{ kind: "spo2", afterMs: 1e19 }] }],
    [
      "a kind missed twice",
      "duplicate",
      { noData: [14, 20].map((hours) => ({ kind: "spo2", afterMs: hours * 3_600_000 })) },
    ],
    ["silence at once", "time", { device: { ...ADULT.device, silentAfterMs: 0 } }],
    ["silence never", "time", { device: { ...ADULT.device, silentAfterMs: 1e19 } }],
    ["a battery over full", "range", { device: { ...ADULT.device, batteryBelow: 101 } }],
  ])("%s", (_, fault, change) => {
    expect(faultOf(change)?.fault).toBe(fault);
  });
});

describe("a limit", () => {
  const urgentAt = (limit: Pick<LimitRule, "kind" | "part">, urgent: number): string | undefined =>
    faultOf({ limits: [{ ...HEART, ...limit, warn: null, urgent, hysteresis: 0 }] })?.fault;
  const everyValue = Array.from({ length: 4_100 }, (_, index) => index);

  it.each(KINDS.filter(({ name }) => name !== "blood-pressure"))(
    "of $name can be set to what is plausible, and to nothing else",
    ({ kind, name }) => {
      for (const value of everyValue) {
        const isPlausible = judge(kind, fromClinical(kind, value)).verdict === "plausible";
        const fault = urgentAt({ kind: name, part: "value" }, value);
        expect([value, fault]).toEqual([value, isPlausible ? undefined : "range"]);
      }
    },
  );

  it.each(["systolic", "diastolic", "mean"] as const)(
    "of a pressure's %s can be set to what is plausible, and to nothing else",
    (part) => {
      for (const value of everyValue) {
        const of = (name: string): number | null => (name === part ? value : null);
        const pressure = [of("systolic"), of("diastolic"), of("mean")] as const;
        const isPlausible = judge(2, pressure).verdict === "plausible";
        const fault = urgentAt({ kind: "blood-pressure", part }, value);
        expect([value, fault]).toEqual([value, isPlausible ? undefined : "range"]);
      }
    },
  );
});
