import type { ApiFinding, ApiSample } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { anAlert } from "./alert-example.ts";
import { askedSpan, curvePoints, curvesOf, curveSpan } from "./alert-curves.ts";

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;

function sample(
  at: number,
  value: ApiSample["value"],
  state: ApiSample["state"] = "stored",
): ApiSample {
  return {
    ...{ kind: "heart-rate", at, value, unit: "/min", origin: "sensor", state },
    ...{ device: "d", messageId: "m" },
  };
}

describe("what is drawn beside an alert", () => {
  it("is the number that passed a limit, with that limit", () => {
    expect(curvesOf(anAlert().finding)).toEqual([
      { kinds: ["heart-rate"], part: "value", limit: 131 },
    ]);
  });

  it("is everything that gave points to a score, and nothing that gave none or has no curve", () => {
    const subScores = { pulse: 2, systolic: 1, spo2: 0, oxygen: 2, consciousness: 3 };
    const whole = { total: 8, missing: [], band: "high", spo2Scale: 1, oldestAt: NOW } as const;
    const curves = curvesOf({ type: "news2", score: { ...whole, missing: [], subScores } });
    expect(curves.map(({ kinds, part }) => [kinds[0], part])).toEqual([
      ["blood-pressure", "systolic"],
      ["heart-rate", "value"],
    ]);
  });

  it("is nothing for a level of consciousness, which is a letter, nor for a device", () => {
    const letter = { kind: "consciousness", part: "value", side: "high", value: 1, limit: 1 };
    expect(curvesOf({ type: "limit", ...letter } as ApiFinding)).toEqual([]);
    expect(curvesOf({ type: "gap", missing: 1 })).toEqual([]);
    expect(curvesOf({ type: "battery", percent: 1, limit: 2 })).toEqual([]);
    expect(curvesOf({ type: "silent", lastAt: 1, afterMs: 2 })).toEqual([]);
  });
});

describe("the time that is drawn", () => {
  const at = NOW - 10 * HOUR;

  it("is the last two hours while it is so, however long ago it began", () => {
    expect(curveSpan(anAlert({ at }), NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW });
  });

  it("is around what happened once it is over or came late, and never in the future", () => {
    const around = { from: at - HOUR, to: at + HOUR };
    expect(curveSpan(anAlert({ at, over: at + 5 }), NOW)).toEqual(around);
    expect(curveSpan(anAlert({ at, late: true }), NOW)).toEqual(around);
    expect(curveSpan(anAlert({ at: NOW, over: NOW }), NOW).to).toBe(NOW);
  });

  it("reaches what alerted, also where the clock of this machine is behind", () => {
    const ahead = NOW + 10 * 60_000;
    expect(curveSpan(anAlert({ at: ahead }), NOW).to).toBe(ahead);
    expect(curveSpan(anAlert({ at: ahead, over: ahead }), NOW).to).toBe(ahead);
  });

  it("goes up to the last value where none came since, and holds a slow change whole", () => {
    const noData = { type: "no-data", kind: "heart-rate", lastAt: at, afterMs: 1 } as const;
    const span = curveSpan(anAlert({ finding: noData }), NOW);
    expect(span.to - span.from).toBe(2 * HOUR);
    expect(span.to).toBeGreaterThan(at);
    expect(span.to).toBeLessThan(at + HOUR);
    const point = { value: 80, at };
    const change = { type: "change", kind: "body-weight", part: "value", from: point } as const;
    const slow = { ...change, to: point, by: 2, withinMs: 72 * HOUR };
    expect(curveSpan(anAlert({ finding: slow, at: NOW }), NOW).from).toBeLessThan(NOW - 72 * HOUR);
  });

  it("is asked for in quarters of an hour, so that a page that stands asks rarely", () => {
    const asked = askedSpan({ from: NOW + 1, to: NOW + 2 });
    expect(asked).toEqual({ from: NOW, to: NOW + HOUR / 4 });
    expect(askedSpan({ from: NOW, to: NOW }).to).toBeGreaterThan(NOW);
  });
});

describe("the points of a curve", () => {
  const span = { from: 10, to: 20 };

  it("are the good values of one number inside of the time", () => {
    const samples = [sample(9, 1), sample(10, 2), sample(15, 0, "quarantined"), sample(20, 3)];
    expect(curvePoints([...samples, sample(21, 4)], "value", span)).toEqual([
      { at: 10, value: 2 },
      { at: 20, value: 3 },
    ]);
    const pressures = [sample(11, [120, 80, null]), sample(12, [null, 81, 90])];
    const valuesOf = (part: "diastolic" | "mean" | "systolic") =>
      curvePoints(pressures, part, span).map(({ value }) => value);
    expect(valuesOf("systolic")).toEqual([120]);
    expect(valuesOf("diastolic")).toEqual([80, 81]);
    expect(valuesOf("mean")).toEqual([90]);
  });

  it("are thinned where there are many, and keep the one value that stands out", () => {
    const many = Array.from({ length: 7_200 }, (_, n) => sample(n, n === 4_321 ? 190 : 70));
    const points = curvePoints(many, "value", { from: 0, to: 7_200 });
    expect(points.length).toBeLessThanOrEqual(240);
    expect(points).toContainEqual({ at: 4_321, value: 190 });
    expect(points.every(({ at }, index) => at > (points[index - 1]?.at ?? -1))).toBe(true);
  });
});
