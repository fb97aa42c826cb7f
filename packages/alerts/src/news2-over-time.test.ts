import type { News2Rule, Sample } from "@siphms/alerts";
import type { KindName } from "@siphms/vitals";
import { describe, expect, it } from "vitest";
import {
  HOUR,
  MINUTE,
  NOTHING,
  sample,
  shortly,
  WatchedPatient,
} from "./testing/watched-patient.ts";

const RULE: News2Rule = {
  spo2Scale: 1,
  warnFrom: 5,
  urgentFrom: 7,
  singleThree: null,
  carryForwardMs: 4 * HOUR,
};
const T = 1_000 * HOUR;

function watched(change: Partial<News2Rule> = {}): WatchedPatient {
  return new WatchedPatient({ ...NOTHING, news2: { ...RULE, ...change } });
}

/** What a well person has, all seven; a value in its place makes it worse. */
function all(
  at: number,
  worse: Partial<Record<KindName, Sample["value"]>> = {},
): readonly Sample[] {
  const values: Partial<Record<KindName, Sample["value"]>> = {
    "heart-rate": 72,
    "blood-pressure": [122, 80, null],
    spo2: 98,
    "respiratory-rate": 16,
    "body-temperature": 36.8,
    consciousness: 0,
    "supplemental-oxygen": 0,
    ...worse,
  };
  return Object.entries(values).map(([kind, value]) => sample(kind as KindName, at, value));
}
const WARNS = { "respiratory-rate": 25, "heart-rate": 115 };
const URGENT = { ...WARNS, spo2: 93 };

function take(patient: WatchedPatient, at: number, samples: readonly Sample[]): readonly string[] {
  return patient.take({ now: at, samples }).map(shortly);
}

describe("NEWS2 of a patient (SR-66)", () => {
  it("stands with every evaluation, of the values that are at most four hours old", () => {
    const patient = watched();
    patient.take({ now: T, samples: all(T) });
    expect(patient.last?.news2).toMatchObject({ total: 0, band: "low", missing: [], oldestAt: T });
    patient.take({ now: T + HOUR, samples: [sample("heart-rate", T + HOUR, 95)] });
    expect(patient.last?.news2).toMatchObject({ total: 1, band: "low", oldestAt: T });
    patient.take({ now: T + 4 * HOUR });
    expect(patient.last?.news2?.missing).toEqual([]);
    expect(patient.last?.nextAt).toBe(T + 4 * HOUR + 1);
    patient.take({ now: T + 4 * HOUR + 1 });
    expect(patient.last?.news2).toMatchObject({ total: 1, band: null });
    expect(patient.last?.news2?.missing).toHaveLength(6);
    patient.take({ now: T + 6 * HOUR });
    expect(patient.last?.news2).toBeNull();
    expect(patient.last?.nextAt).toBeNull();
  });

  it("warns from 5 and is urgent from 7, with the first value", () => {
    const patient = watched();
    expect(take(patient, T, all(T, WARNS))).toEqual(["raised warn"]);
    expect(take(patient, T + 1, all(T + 1, URGENT))).toEqual(["raised urgent"]);
  });

  it("does not alert below, a single 3 included", () => {
    expect(take(watched(), T, all(T, { "heart-rate": 140, spo2: 95 }))).toEqual([]);
  });

  it.each(["warn", "urgent"] as const)("by policy alerts of a single 3: %s", (singleThree) => {
    expect(take(watched({ singleThree }), T, all(T, { "heart-rate": 140 }))).toEqual([
      `raised ${singleThree}`,
    ]);
    expect(take(watched({ singleThree }), T, all(T, { "heart-rate": 130 }))).toEqual([]);
  });

  it("makes one score of the values of one moment, in whatever order they come", () => {
    const samples = all(T, URGENT);
    for (const order of [samples, samples.toReversed()]) {
      expect(take(watched(), T, order)).toEqual(["raised urgent"]);
    }
  });

  it("comes down once a full score has been lower for a quarter of an hour", () => {
    const patient = watched();
    take(patient, T, all(T, URGENT));
    expect(take(patient, T + HOUR, all(T + HOUR))).toEqual(["updated urgent"]);
    expect(patient.last?.nextAt).toBe(T + HOUR + 15 * MINUTE);
    const [change] = patient.take({ now: T + HOUR + 15 * MINUTE });
    expect(change).toEqual({ change: "over", rule: "news2", at: T + HOUR + 15 * MINUTE });
  });

  it("comes down from urgent to a warning, and rises again", () => {
    const patient = watched();
    take(patient, T, all(T, URGENT));
    take(patient, T + HOUR, all(T + HOUR, WARNS));
    expect(patient.take({ now: T + 2 * HOUR }).map(shortly)).toEqual(["updated warn"]);
    expect(take(patient, T + 3 * HOUR, all(T + 3 * HOUR, URGENT))).toEqual(["raised urgent"]);
  });

  it("does not ring again while it wavers at an edge", () => {
    const patient = watched();
    take(patient, T, all(T, URGENT));
    for (let minute = 1; minute < 60; minute += 2) {
      const [low, high] = [T + minute * MINUTE, T + (minute + 1) * MINUTE];
      expect(take(patient, low, all(low, WARNS))).toEqual(["updated urgent"]);
      expect(take(patient, high, all(high, URGENT))).toEqual(["updated urgent"]);
    }
  });

  it("takes the newer of heart rate and pulse rate, the heart rate where they are of one time", () => {
    const patient = watched();
    patient.take({ now: T, samples: [sample("pulse-rate", T, 120), sample("heart-rate", T, 70)] });
    expect(patient.last?.news2?.subScores.pulse).toBe(0);
    patient.take({ now: T + 1, samples: [sample("pulse-rate", T + 1, 120)] });
    expect(patient.last?.news2?.subScores.pulse).toBe(2);
  });

  it("does not take an older value for the one that stands", () => {
    const patient = watched();
    patient.take({ now: T, samples: [sample("heart-rate", T, 70)] });
    patient.take({ now: T + 1, samples: [sample("heart-rate", T - MINUTE, 140)] });
    expect(patient.last?.news2?.subScores.pulse).toBe(0);
  });

  it("tells of values at their own time, also where it was looked since and older ones ran out", () => {
    const patient = watched();
    patient.take({ now: T, samples: all(T) });
    patient.take({ now: T + 4 * HOUR + 5 * MINUTE });
    const samples = [
      sample("respiratory-rate", T + 4 * HOUR, 25),
      sample("heart-rate", T + 4 * HOUR, 115),
    ];
    const [raised, ...rest] = patient.take({ now: T + 4 * HOUR + 6 * MINUTE, samples });
    expect(raised).toMatchObject({
      ...{ change: "raised", level: "warn", at: T + 4 * HOUR },
      finding: { score: { total: 5, missing: [] } },
    });
    expect(rest.map(shortly)).toEqual(["updated warn"]);
    expect(patient.last?.news2).toMatchObject({ total: 5, band: null });
  });

  it("does not count what came late", () => {
    const patient = watched();
    const late = all(T, URGENT).map((one) => ({ ...one, late: true }));
    expect(patient.take({ now: T + HOUR, samples: late })).toEqual([]);
    expect(patient.last?.news2).toBeNull();
  });

  it("is held against a changed plan at once", () => {
    const patient = watched();
    patient.take({ now: T, samples: all(T, { ...WARNS, spo2: 93 }) });
    patient.plan = watched({ spo2Scale: 2 }).plan;
    expect(patient.take({ now: T + 1 }).map(shortly)).toEqual(["updated urgent"]);
    const well = watched();
    well.take({ now: T, samples: all(T, { "heart-rate": 95 }) });
    well.plan = watched({ warnFrom: 1 }).plan;
    expect(well.take({ now: T + HOUR }).map(shortly)).toEqual(["raised warn"]);
  });

  it("is not scored where the plan has none, and an alert of it ends", () => {
    const patient = watched();
    patient.take({ now: T, samples: all(T, URGENT) });
    patient.plan = NOTHING;
    expect(patient.take({ now: T + 1 })).toEqual([{ change: "over", rule: "news2", at: T + 1 }]);
    expect(patient.last?.news2).toBeNull();
  });
});

describe("a partial NEWS2", () => {
  const part = (at: number, worse: Parameters<typeof all>[1] = {}): readonly Sample[] =>
    all(at, worse).filter(({ kind }) => kind !== "consciousness");

  it("alerts: it is the least that the score can be", () => {
    const patient = watched();
    expect(take(patient, T, part(T, URGENT))).toEqual(["raised urgent"]);
    expect(patient.last?.news2?.missing).toEqual(["consciousness"]);
  });

  it("never clears: neither ends an alert nor brings it down, however long it is lower", () => {
    const patient = watched();
    take(patient, T, part(T, URGENT));
    for (let hour = 1; hour < 20; hour++) {
      const at = T + hour * HOUR;
      const changes = take(patient, at, part(at));
      expect(changes.every((change) => change === "updated urgent")).toBe(true);
    }
    expect(take(patient, T + 20 * HOUR, all(T + 20 * HOUR))).toEqual(["over"]);
  });

  it("does not clear a full one by parameters that grow old", () => {
    const patient = watched();
    take(patient, T, all(T, URGENT));
    const changes = patient.take({ now: T + 10 * HOUR }).map(shortly);
    expect(changes).not.toContain("over");
    expect(changes).not.toContain("updated warn");
  });

  it("rings again when it rises after it was lower for a quarter of an hour, not sooner", () => {
    const patient = watched();
    take(patient, T, part(T, URGENT));
    take(patient, T + HOUR, part(T + HOUR));
    const soon = T + HOUR + 10 * MINUTE;
    expect(take(patient, soon, part(soon, WARNS))).toEqual(["updated urgent"]);
    take(patient, T + 2 * HOUR, part(T + 2 * HOUR));
    patient.take({ now: T + 3 * HOUR });
    expect(take(patient, T + 4 * HOUR, part(T + 4 * HOUR, WARNS))).toEqual(["raised warn"]);
  });
});
