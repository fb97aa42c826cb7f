import { planTemplate, TEMPLATE_NAMES } from "@siphms/alerts";
import type { PlanRules } from "@siphms/api";
import i18next from "i18next";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ar } from "../../i18n/ar/index.ts";
import { en } from "../../i18n/en/index.ts";
import { chartLimits, chartLimitsText } from "./chart-limits.ts";
import { changedLines, planLines } from "./plan-lines.ts";
import type { PlanWords } from "./plan-words.ts";

const rulesOf = (name: (typeof TEMPLATE_NAMES)[number]): PlanRules => {
  const plan = planTemplate(name);
  return {
    ...plan,
    limits: [...plan.limits],
    changes: [...plan.changes],
    noData: [...plan.noData],
  };
};
const ADULT = rulesOf("adult");

beforeAll(async () => {
  vi.stubGlobal("navigator", { languages: ["en-GB", "ar"] });
  const interpolation = { escapeValue: false };
  await i18next.init({ lng: "en", defaultNS: "common", resources: { en, ar }, interpolation });
});

afterAll(() => vi.unstubAllGlobals());

async function speak(language: string): Promise<PlanWords> {
  await i18next.changeLanguage(language);
  return {
    t: i18next.getFixedT(language, "plan"),
    alerts: i18next.getFixedT(language, "alerts"),
    common: i18next.getFixedT(language, "common"),
  };
}

describe("a plan in words", () => {
  it("says of each limit when it tells somebody, and when that is over", async () => {
    const lines = planLines(ADULT, await speak("en"));
    expect(lines.get("limit:heart-rate:value:low")).toEqual({
      name: "Heart rate, low (/min)",
      text: "Urgent: 40 or below; Warning: 50 or below; Warns with the second value in a row, or after 15 minutes; Over when back inside by 3 /min",
    });
  });

  it("keeps the decimals of a limit: 69.9 is not 70", async () => {
    const line = planLines(ADULT, await speak("en")).get("limit:glucose:value:low");
    expect(line?.text).toContain("Urgent: 53.9 or below; Warning: 69.9 or below");
  });

  it("calls a level of consciousness by its word", async () => {
    const line = planLines(ADULT, await speak("en")).get("limit:consciousness:value:high");
    expect(line).toEqual({ name: "Consciousness", text: "Urgent: newly confused (C) or worse" });
  });

  it("says what changes and what is missing", async () => {
    const lines = planLines(rulesOf("heart-failure"), await speak("en"));
    expect(lines.get("change:body-weight:value:rise")?.text).toBe(
      "Weight rises by 2 kg or more within 3 days: Warning",
    );
    expect(lines.get("no-data:body-weight")?.text).toBe("Weight: no value for 26 hours");
  });

  it.each(["en", "ar"])("has a text for everything in every template: %s", async (language) => {
    const words = await speak(language);
    for (const name of TEMPLATE_NAMES) {
      for (const [rule, { text }] of planLines(rulesOf(name), words)) {
        // A text that is missing is its own key, and one that lacks a value keeps its braces.
        expect([rule, text]).toEqual([rule, expect.not.stringMatching(/[a-z]\.[a-z]|[{}]/i)]);
        expect(text).not.toBe("");
      }
    }
  });
});

describe("what a new version changed", () => {
  it("is nothing between a plan and itself", async () => {
    expect(changedLines(ADULT, structuredClone(ADULT), await speak("en"))).toEqual([]);
  });

  it("is each rule that is other, new or gone, with what it was", async () => {
    const words = await speak("en");
    const [first, ...others] = ADULT.limits;
    if (first === undefined) throw new Error("the template has no limits");
    const after: PlanRules = {
      ...ADULT,
      limits: [{ ...first, urgent: 38 }, ...others.slice(1)],
      noData: [...ADULT.noData, { kind: "glucose", afterMs: 50_400_000 }],
      device: { ...ADULT.device, gaps: false },
    };
    const changed = changedLines(ADULT, after, words);
    expect(changed.map(({ rule }) => rule)).toEqual([
      "limit:heart-rate:value:low",
      "limit:heart-rate:value:high",
      "gap",
      "no-data:glucose",
    ]);
    expect(changed[0]?.before).toContain("Urgent: 40 or below");
    expect(changed[0]?.after).toContain("Urgent: 38 or below");
    expect(changed[1]?.after).toBeUndefined();
    expect(changed[3]?.before).toBeUndefined();
  });
});

describe("the limits of a chart", () => {
  const plan = { version: 0, rules: ADULT };

  it("are those of its kind, at both levels", () => {
    expect(chartLimits(plan, "spo2")).toEqual([
      { value: 91, level: "urgent" },
      { value: 95, level: "warn" },
    ]);
  });

  it("are none while the plan is not known, and of a kind without limits", async () => {
    const words = await speak("en");
    expect(chartLimits(undefined, "spo2")).toEqual([]);
    expect(chartLimitsText(undefined, "spo2", words)).toBe("");
    expect(chartLimitsText(plan, "body-weight", words)).toBe("No alarm limits.");
  });

  it("are said in words, a pressure's numbers by their names", async () => {
    const words = await speak("en");
    expect(chartLimitsText(plan, "heart-rate", words)).toBe(
      "Alarm limits: Urgent at 40 or below, 131 or above; Warning at 50 or below, 91 or above.",
    );
    expect(chartLimitsText(plan, "blood-pressure", words)).toContain(
      "Mean blood pressure: Urgent at 59 or below",
    );
  });
});
