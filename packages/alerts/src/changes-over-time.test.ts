import type { ChangeRule } from "@siphms/alerts";
import { describe, expect, it } from "vitest";
import { HOUR, late, NOTHING, sample, shortly, WatchedPatient } from "./testing/watched-patient.ts";

const DAY = 24 * HOUR;
const T = 1_000 * DAY;
const WEIGHT: ChangeRule = {
  kind: "body-weight",
  part: "value",
  direction: "rise",
  by: 2,
  withinMs: 3 * DAY,
  level: "warn",
};

function watched(change: Partial<ChangeRule> = {}): WatchedPatient {
  return new WatchedPatient({ ...NOTHING, changes: [{ ...WEIGHT, ...change }] });
}

/** Takes a value a day. @returns what came of each. */
function days(patient: WatchedPatient, values: readonly number[]): readonly string[] {
  return values.map((value, index) =>
    patient.value("body-weight", T + index * DAY, value).join(", "),
  );
}

describe("a change within some time (SR-66)", () => {
  it("alerts when it is reached, and says from what and to what", () => {
    const patient = watched();
    expect(days(patient, [80, 79.5, 81])).toEqual(["", "", ""]);
    const samples = [sample("body-weight", T + 3 * DAY, 81.5)];
    expect(patient.take({ now: T + 3 * DAY, samples })).toEqual([
      {
        ...{ change: "raised", rule: "change:body-weight:value:rise", channel: "clinical" },
        ...{ level: "warn", at: T + 3 * DAY },
        finding: {
          ...{ type: "change", kind: "body-weight", part: "value", by: 2, withinMs: 3 * DAY },
          from: { value: 79.5, at: T + DAY },
          to: { value: 81.5, at: T + 3 * DAY },
        },
      },
    ]);
  });

  it("is not reached by as much in a longer time", () => {
    expect(days(watched(), [80, 80.6, 81.2, 81.8, 82.4])).toEqual(["", "", "", "", ""]);
  });

  it("is not reached by as much the other way", () => {
    expect(days(watched(), [80, 70])).toEqual(["", ""]);
    expect(days(watched({ direction: "fall" }), [80, 78])).toEqual(["", "raised warn"]);
    expect(days(watched({ direction: "fall" }), [80, 82])).toEqual(["", ""]);
  });

  it("is reached by 2 kg exactly, decimals or not", () => {
    expect(days(watched(), [80.3, 82.3])).toEqual(["", "raised warn"]);
    expect(days(watched(), [80.3, 82.29])).toEqual(["", ""]);
  });

  it("goes on while three quarters of it are left, and is not told again", () => {
    expect(days(watched(), [80, 82, 81.9, 82.1, 82])).toEqual([
      "",
      "raised warn",
      "",
      "updated warn",
      "over",
    ]);
  });

  it("is told again when it begins anew", () => {
    expect(days(watched(), [80, 82, 80, 82])).toEqual(["", "raised warn", "over", "raised warn"]);
  });

  it("counts a value that comes after a newer one, in time", () => {
    const patient = watched();
    patient.value("body-weight", T + DAY, 82);
    const changes = patient.take({ now: T + DAY, samples: [sample("body-weight", T, 80)] });
    expect(changes.map(shortly)).toEqual(["raised warn"]);
  });

  it("does not count what came late", () => {
    const patient = watched();
    patient.value("body-weight", T + DAY, 82);
    const samples = [late(sample("body-weight", T, 80))];
    expect(patient.take({ now: T + DAY, samples })).toEqual([]);
  });

  it("is of the right number of a pressure", () => {
    const patient = watched({ kind: "blood-pressure", part: "diastolic", by: 20 });
    patient.value("blood-pressure", T, [120, 70, null]);
    expect(patient.value("blood-pressure", T + 1, [160, 80, null])).toEqual([]);
    expect(patient.value("blood-pressure", T + 2, [160, 90, null])).toEqual(["raised warn"]);
  });

  it("is found among thousands of values without keeping them", () => {
    const patient = watched({ kind: "heart-rate", by: 40, withinMs: HOUR });
    for (let second = 0; second < 3_000; second++) {
      const value = 60 + second / 100;
      expect(patient.value("heart-rate", T + second * 1_000, value)).toEqual([]);
    }
    expect(JSON.stringify(patient.state).length).toBeLessThan(10_000);
    expect(patient.value("heart-rate", T + 3_001_000, 100)).toEqual(["raised warn"]);
  });

  it("ends with its rule", () => {
    const patient = watched();
    days(patient, [80, 82]);
    patient.plan = NOTHING;
    expect(patient.take({ now: T + 2 * DAY }).map(shortly)).toEqual(["over"]);
    expect(patient.state.changes).toEqual({});
  });
});
