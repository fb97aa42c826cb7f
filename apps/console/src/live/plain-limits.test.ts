import { describe, expect, it } from "vitest";
import { limitLevel, type LimitLevel } from "./plain-limits.ts";

type Case = readonly [Parameters<typeof limitLevel>[0]["kind"], number, LimitLevel];

describe("plain limits", () => {
  it.each<Case>([
    ["heart-rate", 40, "urgent"],
    ["heart-rate", 41, "warning"],
    ["heart-rate", 50, "warning"],
    ["heart-rate", 51, "within"],
    ["heart-rate", 90, "within"],
    ["heart-rate", 91, "warning"],
    ["heart-rate", 130, "warning"],
    ["pulse-rate", 131, "urgent"],
    ["spo2", 96, "within"],
    ["spo2", 95, "warning"],
    ["spo2", 91, "urgent"],
    ["respiratory-rate", 8, "urgent"],
    ["respiratory-rate", 11, "warning"],
    ["respiratory-rate", 12, "within"],
    ["respiratory-rate", 21, "warning"],
    ["respiratory-rate", 25, "urgent"],
    ["body-temperature", 35, "urgent"],
    ["body-temperature", 36, "warning"],
    ["body-temperature", 36.1, "within"],
    ["body-temperature", 38.1, "warning"],
    ["body-temperature", 39.1, "urgent"],
    ["glucose", 53.9, "urgent"],
    ["glucose", 54, "warning"],
    ["glucose", 70, "within"],
    ["glucose", 180, "within"],
    ["glucose", 250, "warning"],
    ["glucose", 250.1, "urgent"],
    ["consciousness", 0, "within"],
    ["consciousness", 1, "urgent"],
  ])("%s %d is %s", (kind, value, level) => {
    expect(limitLevel({ kind, value })).toBe(level);
  });

  it.each<readonly [[number | null, number | null, number | null], LimitLevel]>([
    [[120, 80, 93], "within"],
    [[100, 60, null], "warning"],
    [[90, 60, null], "urgent"],
    [[180, 80, null], "warning"],
    [[181, 80, null], "urgent"],
    [[120, 90, null], "warning"],
    [[120, 121, null], "urgent"],
    [[null, 80, null], "within"],
    [[150, 121, null], "urgent"],
  ])("a pressure of %j is %s, by the number that is further off", (value, level) => {
    expect(limitLevel({ kind: "blood-pressure", value })).toBe(level);
  });

  it("say nothing of what has none", () => {
    expect(limitLevel({ kind: "body-weight", value: 400 })).toBe("within");
  });
});
