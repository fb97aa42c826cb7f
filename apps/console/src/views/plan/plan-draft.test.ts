import { planTemplate, TEMPLATE_NAMES } from "@siphms/alerts";
import type { PlanRules } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { draftOf, parseNumber, readDraft, type LimitDraft, type PlanDraft } from "./plan-draft.ts";

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
const DRAFT = draftOf(ADULT);

const withLimit = (index: number, change: Partial<LimitDraft>): PlanDraft => ({
  ...DRAFT,
  limits: DRAFT.limits.map((limit, place) => (place === index ? { ...limit, ...change } : limit)),
});
const unreadable = (draft: PlanDraft): readonly string[] => {
  const read = readDraft(draft);
  return read.kind === "unreadable" ? [...read.fields] : [];
};

describe("a plan that is being written", () => {
  it.each(TEMPLATE_NAMES)("comes back as it was where nothing was typed: %s", (name) => {
    const rules = rulesOf(name);
    expect(readDraft(draftOf(rules))).toEqual({ kind: "good", rules });
  });

  it("comes back without NEWS2 where it is not scored, and with the adult's where it is again", () => {
    const draft = draftOf({ ...ADULT, news2: null });
    expect(readDraft(draft)).toEqual({ kind: "good", rules: { ...ADULT, news2: null } });
    const again = { ...draft, news2: { ...draft.news2, isScored: true } };
    expect(readDraft(again)).toEqual({ kind: "good", rules: ADULT });
  });

  it("takes a new number for a limit", () => {
    const read = readDraft(withLimit(0, { urgent: "38" }));
    if (read.kind !== "good") throw new Error(read.kind);
    expect(read.rules.limits[0]).toEqual({ ...ADULT.limits[0], urgent: 38 });
    expect(read.rules.limits.slice(1)).toEqual(ADULT.limits.slice(1));
  });

  it("leaves a limit out whose levels were both emptied, and keeps one with one of them", () => {
    const none = readDraft(withLimit(0, { warn: "", urgent: " " }));
    if (none.kind !== "good") throw new Error(none.kind);
    expect(none.rules.limits).toEqual(ADULT.limits.slice(1));
    const one = readDraft(withLimit(0, { warn: "" }));
    if (one.kind !== "good") throw new Error(one.kind);
    expect(one.rules.limits[0]?.warn).toBeNull();
  });

  it("names every field that holds no number", () => {
    expect(unreadable(withLimit(1, { warn: "ninety", minutes: "", hysteresis: "-3" }))).toEqual([
      "limits.1.warn",
      "limits.1.hysteresis",
      "limits.1.minutes",
    ]);
    const device = { ...DRAFT.device, silentHours: "x", batteryBelow: "101" };
    expect(unreadable({ ...DRAFT, device })).toEqual(["device.silentHours", "device.batteryBelow"]);
    const news2 = { ...DRAFT.news2, urgentFrom: "21", carryHours: "" };
    expect(unreadable({ ...DRAFT, news2 })).toEqual(["news2.urgentFrom", "news2.carryHours"]);
    const part = { ...DRAFT.news2, warnFrom: "5.5" };
    expect(unreadable({ ...DRAFT, news2: part })).toEqual(["news2.warnFrom"]);
    const noData = [{ kind: "spo2", hours: "9000" }] as const;
    expect(unreadable({ ...DRAFT, noData })).toEqual(["noData.0.hours"]);
  });

  it("reads nothing of NEWS2 where it is not scored", () => {
    const news2 = { ...DRAFT.news2, isScored: false, warnFrom: "x" };
    expect(readDraft({ ...DRAFT, news2 }).kind).toBe("good");
  });

  it("is refused where a warning begins beyond the urgent limit", () => {
    expect(readDraft(withLimit(0, { urgent: "55" }))).toEqual({
      kind: "unsound",
      fault: { fault: "order", rule: "limit:heart-rate:value:low" },
    });
  });

  it("watches no silent device where the field was emptied", () => {
    const read = readDraft({ ...DRAFT, device: { ...DRAFT.device, silentHours: "" } });
    if (read.kind !== "good") throw new Error(read.kind);
    expect(read.rules.device.silentAfterMs).toBeNull();
  });
});

describe("a number that is typed", () => {
  it.each([
    ["36.5", 36.5],
    [" 36,5 ", 36.5],
    ["٣٦٫٥", 36.5],
    ["0", 0],
  ])("is read: %s", (text, number) => {
    expect(parseNumber(text)).toBe(number);
  });

  it.each(["", " ", "-1", "1e3", "1.2.3", "½", "12 3", "Infinity", "."])("is none: %j", (text) => {
    expect(parseNumber(text)).toBeUndefined();
  });
});
