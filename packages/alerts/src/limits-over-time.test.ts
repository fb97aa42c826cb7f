import type { LimitRule } from "@siphms/alerts";
import { describe, expect, it } from "vitest";
import {
  HOUR,
  MINUTE,
  late,
  NOTHING,
  sample,
  shortly,
  WatchedPatient,
} from "./testing/watched-patient.ts";

const HEART: LimitRule = {
  kind: "heart-rate",
  part: "value",
  side: "high",
  warn: 91,
  urgent: 131,
  hysteresis: 3,
  forMs: 15 * MINUTE,
};
const T = 1_000 * HOUR;

function watched(change: Partial<LimitRule> = {}): WatchedPatient {
  return new WatchedPatient({ ...NOTHING, limits: [{ ...HEART, ...change }] });
}

/** Takes values a minute apart. @returns what came of each. */
function run(patient: WatchedPatient, values: readonly number[]): readonly string[] {
  return values.map((value, index) =>
    patient.value("heart-rate", T + index * MINUTE, value).join(", "),
  );
}

describe("a limit (SR-66)", () => {
  it("alerts at the first value at or beyond the urgent one, and says which value and limit", () => {
    const [change] = watched().take({ now: T, samples: [sample("heart-rate", T, 131)] });
    expect(change).toEqual({
      ...{ change: "raised", rule: "limit:heart-rate:value:high", channel: "clinical" },
      ...{ level: "urgent", at: T },
      finding: {
        ...{ type: "limit", kind: "heart-rate", part: "value", side: "high" },
        ...{ value: 131, limit: 131 },
      },
    });
  });

  it("warns with the second value in a row, not with the first", () => {
    expect(run(watched(), [91, 92])).toEqual(["", "raised warn"]);
  });

  it("does not warn of two values with a good one between them", () => {
    expect(run(watched(), [95, 90, 95, 90])).toEqual(["", "", "", ""]);
  });

  it("warns of a single value once it has stood for its time, at that time", () => {
    const patient = watched();
    patient.value("heart-rate", T, 100);
    expect(patient.last?.nextAt).toBe(T + 15 * MINUTE);
    expect(patient.take({ now: T + 15 * MINUTE - 1 })).toEqual([]);
    const [change] = patient.take({ now: T + 16 * MINUTE });
    expect(change).toMatchObject({ change: "raised", level: "warn", at: T + 15 * MINUTE });
    expect(patient.take({ now: T + 20 * HOUR })).toEqual([]);
  });

  it("warns of a value that stood long enough even where a good one comes before the evaluation", () => {
    const patient = watched();
    patient.value("heart-rate", T, 100);
    expect(patient.value("heart-rate", T + 20 * MINUTE, 70)).toEqual(["raised warn", "over"]);
  });

  it("warns at once where the plan asks for no time", () => {
    expect(run(watched({ forMs: 0 }), [91])).toEqual(["raised warn"]);
  });

  it("is over once a value is back inside by the hysteresis, not sooner", () => {
    expect(run(watched(), [131, 128, 90, 89, 88])).toEqual([
      "raised urgent",
      "updated warn",
      "",
      "",
      "over",
    ]);
  });

  it("stays urgent until a value is back from the urgent limit by as much", () => {
    expect(run(watched(), [131, 130, 129, 131, 128])).toEqual([
      "raised urgent",
      "",
      "",
      "updated urgent",
      "updated warn",
    ]);
  });

  it("is told again when its level rises, and not while it stays", () => {
    expect(run(watched(), [95, 95, 120, 135, 140, 120, 135])).toEqual([
      "",
      "raised warn",
      "updated warn",
      "raised urgent",
      "updated urgent",
      "updated warn",
      "raised urgent",
    ]);
  });

  it("is told again when it begins anew", () => {
    expect(run(watched(), [131, 80, 131])).toEqual(["raised urgent", "over", "raised urgent"]);
  });

  it("is over with any value inside where the hysteresis is nothing", () => {
    expect(run(watched({ hysteresis: 0 }), [131, 130, 90])).toEqual([
      "raised urgent",
      "updated warn",
      "over",
    ]);
  });

  it("on the low side is the same, mirrored", () => {
    const low = watched({ side: "low", warn: 50, urgent: 40 });
    expect(run(low, [40, 42, 43, 52, 53])).toEqual([
      "raised urgent",
      "",
      "updated warn",
      "",
      "over",
    ]);
  });

  it("without an urgent level only warns, and without a warning is only urgent", () => {
    expect(run(watched({ urgent: null }), [200, 200, 80])).toEqual(["", "raised warn", "over"]);
    expect(run(watched({ warn: null }), [130, 131, 129, 128])).toEqual([
      "",
      "raised urgent",
      "",
      "over",
    ]);
  });

  it("takes decimal limits as they are read: 37.9 is back from 38.1 by 0.2", () => {
    const plan = { kind: "body-temperature", warn: 38.1, urgent: null, hysteresis: 0.2 } as const;
    const patient = watched({ ...plan, forMs: 0 });
    expect(patient.value("body-temperature", T, 38.1)).toEqual(["raised warn"]);
    expect(patient.value("body-temperature", T + 1, 37.91)).toEqual([]);
    expect(patient.value("body-temperature", T + 2, 37.9)).toEqual(["over"]);
  });

  it("says nothing of other kinds, and nothing of a pressure's numbers that were not measured", () => {
    const patient = watched({ kind: "blood-pressure", part: "systolic", warn: 140, urgent: 181 });
    expect(patient.value("blood-pressure", T, [null, 190, null])).toEqual([]);
    expect(patient.value("heart-rate", T + 1, 300)).toEqual([]);
    expect(patient.value("blood-pressure", T + 2, [190, null, null])).toEqual(["raised urgent"]);
  });

  it("brings an alert up to date once an evaluation, with the newest value", () => {
    const patient = watched();
    patient.value("heart-rate", T, 140);
    const samples = [1, 2, 3].map((minute) =>
      sample("heart-rate", T + minute * MINUTE, 140 + minute),
    );
    const changes = patient.take({ now: T + 3 * MINUTE, samples });
    expect(changes).toMatchObject([{ change: "updated", finding: { value: 143 } }]);
  });
});

describe("a value that comes after a newer one, in time", () => {
  function outOfOrder(newer: readonly number[], older: number): readonly string[] {
    const patient = watched();
    for (const [index, value] of newer.entries()) {
      patient.value("heart-rate", T + index * MINUTE, value);
    }
    const now = T + newer.length * MINUTE;
    const samples = [sample("heart-rate", T - MINUTE, older)];
    return patient.take({ now, samples }).map(shortly);
  }

  it("alerts when it is urgent, and is over at once where the newer one is good", () => {
    expect(outOfOrder([80], 140)).toEqual(["raised urgent", "over"]);
    expect(outOfOrder([100], 140)).toEqual(["raised urgent", "updated warn"]);
  });

  it("never ends an alert, nor its waiting", () => {
    expect(outOfOrder([140], 80)).toEqual([]);
    expect(outOfOrder([140], 100)).toEqual([]);
    expect(outOfOrder([100, 100], 80)).toEqual([]);
  });

  it("is the second in a row where the newer one is beyond the limit too, else none", () => {
    expect(outOfOrder([100], 100)).toEqual(["raised warn", "updated warn"]);
    expect(outOfOrder([80], 100)).toEqual([]);
  });
});

describe("a value from a clock that is ahead", () => {
  it("counts as measured when it came, so that it is not the newest for days", () => {
    const patient = watched();
    const ahead = sample("heart-rate", T + 100 * HOUR, 80);
    patient.take({ now: T, samples: [ahead] });
    expect(patient.value("heart-rate", T + MINUTE, 140)).toEqual(["raised urgent"]);
    expect(patient.value("heart-rate", T + 2 * MINUTE, 70)).toEqual(["over"]);
  });

  it("alerts at the time at which it came", () => {
    const samples = [sample("heart-rate", T + HOUR, 140)];
    expect(watched().take({ now: T, samples })).toMatchObject([{ change: "raised", at: T }]);
  });
});

describe("a sample that is late (protocol section 6)", () => {
  it("raises nothing live: it would have alerted, and that is told", () => {
    const patient = watched();
    const samples = [late(sample("heart-rate", T - HOUR, 140))];
    expect(patient.take({ now: T, samples })).toMatchObject([
      { change: "late", level: "urgent", at: T - HOUR, finding: { value: 140, limit: 131 } },
    ]);
    expect(patient.last?.nextAt).toBeNull();
    expect(patient.take({ now: T + HOUR })).toEqual([]);
  });

  it("neither ends an alert nor is the second in a row", () => {
    const patient = watched();
    patient.value("heart-rate", T, 140);
    expect(patient.take({ now: T + 1, samples: [late(sample("heart-rate", T, 70))] })).toEqual([]);
    const waiting = watched();
    waiting.value("heart-rate", T, 95);
    const changes = waiting.take({ now: T + 1, samples: [late(sample("heart-rate", T, 95))] });
    expect(changes.map(shortly)).toEqual(["late warn"]);
  });

  it("is told once for each limit, with the value furthest beyond, however many there are", () => {
    const values = [80, 95, 140, 150, 135];
    const samples = values.map((value, index) => late(sample("heart-rate", T + index, value)));
    const changes = watched().take({ now: T + HOUR, samples });
    expect(changes).toMatchObject([{ change: "late", at: T + 3, finding: { value: 150 } }]);
  });

  it("inside the limits is not told", () => {
    const samples = [late(sample("heart-rate", T, 70))];
    expect(watched().take({ now: T + HOUR, samples })).toEqual([]);
  });
});

describe("a plan that was changed", () => {
  it("ends an alert whose rule it no longer has", () => {
    const patient = watched();
    patient.value("heart-rate", T, 140);
    patient.plan = NOTHING;
    expect(patient.take({ now: T + HOUR })).toEqual([
      { change: "over", rule: "limit:heart-rate:value:high", at: T + HOUR },
    ]);
    expect(patient.take({ now: T + 2 * HOUR })).toEqual([]);
  });

  it("with wider limits ends an alert, or brings it down, at once", () => {
    const patient = watched();
    patient.value("heart-rate", T, 140);
    patient.plan = watched({ warn: 120, urgent: 160 }).plan;
    expect(patient.take({ now: T + 1 }).map(shortly)).toEqual(["updated warn"]);
    patient.plan = watched({ warn: 150, urgent: 160 }).plan;
    expect(patient.take({ now: T + 2 }).map(shortly)).toEqual(["over"]);
  });

  it("with narrower limits judges the newest value", () => {
    const patient = watched();
    patient.value("heart-rate", T, 85);
    patient.plan = watched({ warn: 75, urgent: 80 }).plan;
    expect(patient.take({ now: T + HOUR }).map(shortly)).toEqual(["raised urgent"]);
  });

  it("does not count the newest value a second time", () => {
    const patient = watched();
    patient.value("heart-rate", T, 95);
    patient.plan = watched({ warn: 90 }).plan;
    expect(patient.take({ now: T + MINUTE })).toEqual([]);
  });

  it("does not tell of a warning that waited and has no rule any more", () => {
    const patient = watched();
    patient.value("heart-rate", T, 95);
    patient.plan = NOTHING;
    expect(patient.take({ now: T + HOUR })).toEqual([]);
  });
});
