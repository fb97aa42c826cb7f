import type { LatestValue } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { compareNeeds, needOf, type Need } from "./need.ts";

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;

function heart(value: number, ageMs = 0): LatestValue {
  const shared = { kind: "heart-rate", unit: "/min", origin: "sensor", late: false } as const;
  return { ...shared, at: NOW - ageMs, value };
}

function temperature(value: number, ageMs = 0): LatestValue {
  return { ...heart(value, ageMs), kind: "body-temperature", unit: "°C" };
}

describe("a patient's need", () => {
  it("is what the value furthest out says, and counts only values as far out", () => {
    expect(needOf({ latest: [heart(140), temperature(38.5)] }, NOW)).toEqual({
      level: "urgent",
      beyond: 1,
      stale: 0,
    });
    expect(needOf({ latest: [heart(95), temperature(38.5)] }, NOW).beyond).toBe(2);
  });

  it("is no data where there is no value, or none that is recent", () => {
    expect(needOf({ latest: [] }, NOW).level).toBe("no-data");
    const old = [heart(70, HOUR + 1), temperature(37, 12 * HOUR + 1)];
    expect(needOf({ latest: old }, NOW)).toEqual({ level: "no-data", beyond: 0, stale: 2 });
  });

  it("is none while one kind is recent, and says how many are not", () => {
    const latest = [heart(70, HOUR + 1), temperature(37, HOUR)];
    expect(needOf({ latest }, NOW)).toEqual({ level: "within", beyond: 0, stale: 1 });
  });

  it("stays urgent when nothing newer comes, but not for ever", () => {
    expect(needOf({ latest: [heart(140, 23 * HOUR)] }, NOW).level).toBe("urgent");
    expect(needOf({ latest: [heart(140, 25 * HOUR)] }, NOW).level).toBe("no-data");
  });
});

describe("the order of needs", () => {
  it("is by level, then by how many values are out, then by how many are old", () => {
    const need = (level: Need["level"], beyond = 0, stale = 0): Need => ({ level, beyond, stale });
    const wanted = [
      need("urgent", 2),
      need("urgent", 1, 3),
      need("urgent", 1),
      need("warning", 4),
      need("no-data", 0, 1),
      need("no-data"),
      need("within", 0, 1),
      need("within"),
    ];
    expect(wanted.toReversed().sort(compareNeeds)).toEqual(wanted);
  });
});
