import { patientLimitsOf, planTemplate } from "@siphms/alerts";
import type { Level, Plan, Sample } from "@siphms/alerts";
import type { KindName } from "@siphms/vitals";
import { describe, expect, it } from "vitest";
import { levelOf } from "./limits.ts";
import { numbersOf, quantityOf } from "./quantity.ts";

const ADULT = planTemplate("adult");

/** The highest level of any limit that a value is at or beyond. */
function levelOfValue(kind: KindName, value: Sample["value"]): Level | null {
  const levels = numbersOf(kind, value).flatMap(([quantity, number]) =>
    ADULT.limits
      .filter((rule) => quantityOf(rule) === quantity)
      .map((rule) => levelOf(rule, number)),
  );
  return levels.find((level) => level === "urgent") ?? levels.find((level) => level) ?? null;
}

describe("a value against the limits for adults (docs/reference/vital-signs.md, section 2)", () => {
  it.each<readonly [KindName, number, Level | null]>([
    ["heart-rate", 40, "urgent"],
    ["heart-rate", 41, "warn"],
    ["heart-rate", 50, "warn"],
    ["heart-rate", 51, null],
    ["heart-rate", 90, null],
    ["heart-rate", 91, "warn"],
    ["heart-rate", 130, "warn"],
    ["pulse-rate", 131, "urgent"],
    ["spo2", 96, null],
    ["spo2", 95, "warn"],
    ["spo2", 92, "warn"],
    ["spo2", 91, "urgent"],
    ["respiratory-rate", 8, "urgent"],
    ["respiratory-rate", 11, "warn"],
    ["respiratory-rate", 12, null],
    ["respiratory-rate", 20, null],
    ["respiratory-rate", 21, "warn"],
    ["respiratory-rate", 25, "urgent"],
    ["body-temperature", 35, "urgent"],
    ["body-temperature", 36, "warn"],
    ["body-temperature", 36.1, null],
    ["body-temperature", 38, null],
    ["body-temperature", 38.1, "warn"],
    ["body-temperature", 39.1, "urgent"],
    ["glucose", 53.9, "urgent"],
    ["glucose", 54, "warn"],
    ["glucose", 69.9, "warn"],
    ["glucose", 70, null],
    ["glucose", 180, null],
    ["glucose", 180.1, "warn"],
    ["glucose", 250, "warn"],
    ["glucose", 250.1, "urgent"],
    ["consciousness", 0, null],
    ["consciousness", 1, "urgent"],
    ["body-weight", 400, null],
  ])("%s %d: %s", (kind, value, level) => {
    expect(levelOfValue(kind, value)).toBe(level);
  });

  it.each<readonly [readonly [number | null, number | null, number | null], Level | null]>([
    [[120, 80, 93], null],
    [[100, 60, null], "warn"],
    [[90, 60, null], "urgent"],
    [[140, 80, null], "warn"],
    [[180, 80, null], "warn"],
    [[181, 80, null], "urgent"],
    [[120, 90, null], "warn"],
    [[120, 121, null], "urgent"],
    [[null, 80, null], null],
    [[null, null, 64], "warn"],
    [[null, null, 65], null],
    [[null, null, 59], "urgent"],
    [[150, 121, null], "urgent"],
  ])("a pressure of %j: %s, by the number that is further off", (value, level) => {
    expect(levelOfValue("blood-pressure", value)).toBe(level);
  });
});

describe("what the patient's device is told of limits", () => {
  it("is one entry for each number and level, both sides together, warnings first", () => {
    const limits = patientLimitsOf(ADULT);
    expect(limits.slice(0, 2)).toEqual([
      { kind: "heart-rate", part: "value", low: 50, high: 91, level: "warn" },
      { kind: "heart-rate", part: "value", low: 40, high: 131, level: "urgent" },
    ]);
    expect(limits).toContainEqual({
      ...{ kind: "blood-pressure", part: "diastolic" },
      ...{ low: null, high: 121, level: "urgent" },
    });
    const keys = limits.map(({ kind, part, level }) => `${kind} ${part} ${level}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("leaves out a level that has no limit", () => {
    const levels = patientLimitsOf(ADULT).filter(({ kind }) => kind === "consciousness");
    expect(levels.map(({ level }) => level)).toEqual(["urgent"]);
  });

  it("does not depend on the order of the rules", () => {
    const turned: Plan = { ...ADULT, limits: ADULT.limits.toReversed() };
    expect(patientLimitsOf(turned)).toEqual(patientLimitsOf(ADULT));
  });

  it("is nothing where a plan has none", () => {
    expect(patientLimitsOf({ ...ADULT, limits: [] })).toEqual([]);
  });
});
