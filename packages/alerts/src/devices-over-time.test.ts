import { planTemplate } from "@siphms/alerts";
import type { DeviceRules, Plan } from "@siphms/alerts";
import { describe, expect, it } from "vitest";
import {
  HOUR,
  late,
  MINUTE,
  NOTHING,
  sample,
  shortly,
  WatchedPatient,
} from "./testing/watched-patient.ts";

const T = 1_000 * HOUR;
const PRESSURE: Plan = { ...NOTHING, noData: [{ kind: "blood-pressure", afterMs: 14 * HOUR }] };

function watched(device: Partial<DeviceRules>, rest: Partial<Plan> = {}): WatchedPatient {
  return new WatchedPatient({ ...NOTHING, ...rest, device: { ...NOTHING.device, ...device } });
}

describe("a kind that is to be measured (SR-66)", () => {
  const pressure = (at: number) => sample("blood-pressure", at, [120, 80, null]);

  it("is not missed before its first value", () => {
    const patient = new WatchedPatient(PRESSURE);
    expect(patient.take({ now: T })).toEqual([]);
    expect(patient.last?.nextAt).toBeNull();
    expect(patient.take({ now: T + 100 * HOUR, samples: [] })).toEqual([]);
  });

  it("is missed once its time has passed, on the technical channel", () => {
    const patient = new WatchedPatient(PRESSURE);
    patient.take({ now: T, samples: [pressure(T)] });
    expect(patient.last?.nextAt).toBe(T + 14 * HOUR);
    expect(patient.take({ now: T + 14 * HOUR - 1 })).toEqual([]);
    expect(patient.take({ now: T + 15 * HOUR })).toEqual([
      {
        ...{ change: "raised", rule: "no-data:blood-pressure", channel: "technical" },
        ...{ level: "warn", at: T + 14 * HOUR },
        finding: { type: "no-data", kind: "blood-pressure", lastAt: T, afterMs: 14 * HOUR },
      },
    ]);
    expect(patient.take({ now: T + 16 * HOUR })).toEqual([]);
  });

  it("is over with the next value, and missed again after it", () => {
    const patient = new WatchedPatient(PRESSURE);
    patient.take({ now: T, samples: [pressure(T)] });
    patient.take({ now: T + 14 * HOUR });
    const next = T + 20 * HOUR;
    expect(patient.take({ now: next, samples: [pressure(next)] }).map(shortly)).toEqual(["over"]);
    expect(patient.take({ now: next + 14 * HOUR }).map(shortly)).toEqual(["raised warn"]);
  });

  it("is not measured by a value of another kind", () => {
    const patient = new WatchedPatient(PRESSURE);
    patient.take({ now: T, samples: [pressure(T)] });
    const samples = [sample("heart-rate", T + 13 * HOUR, 70)];
    expect(patient.take({ now: T + 14 * HOUR, samples }).map(shortly)).toEqual(["raised warn"]);
  });

  it("was measured, too, where the value came late: to say that there is none would be untrue", () => {
    const patient = new WatchedPatient(PRESSURE);
    patient.take({ now: T, samples: [pressure(T)] });
    patient.take({ now: T + 14 * HOUR });
    const samples = [late(pressure(T + 13 * HOUR))];
    expect(patient.take({ now: T + 15 * HOUR, samples }).map(shortly)).toEqual(["over"]);
  });

  it("is not missed besides while nothing at all comes: one cause, one alert", () => {
    const plan = { ...PRESSURE, device: { ...NOTHING.device, silentAfterMs: 13 * HOUR } };
    const patient = new WatchedPatient(plan);
    patient.take({ now: T, samples: [pressure(T)], contactAt: T });
    expect(patient.take({ now: T + 20 * HOUR }).map(({ rule }) => rule)).toEqual(["silent"]);
    const back = T + 21 * HOUR;
    const changes = patient.take({ now: back, contactAt: back });
    expect(changes.map((one) => `${one.rule} ${shortly(one)}`)).toEqual([
      "silent over",
      "no-data:blood-pressure raised warn",
    ]);
  });

  it("is over when the plan no longer asks for it, or allows for longer", () => {
    const patient = new WatchedPatient(PRESSURE);
    patient.take({ now: T, samples: [pressure(T)] });
    patient.take({ now: T + 14 * HOUR });
    patient.plan = { ...PRESSURE, noData: [{ kind: "blood-pressure", afterMs: 26 * HOUR }] };
    expect(patient.take({ now: T + 15 * HOUR }).map(shortly)).toEqual(["over"]);
    patient.take({ now: T + 26 * HOUR });
    patient.plan = NOTHING;
    expect(patient.take({ now: T + 27 * HOUR }).map(shortly)).toEqual(["over"]);
  });
});

describe("the silence of all devices", () => {
  it("is none before they were heard of", () => {
    expect(watched({ silentAfterMs: HOUR }).take({ now: T })).toEqual([]);
  });

  it("is told once its time has passed, and over with the next word", () => {
    const patient = watched({ silentAfterMs: HOUR });
    patient.take({ now: T, contactAt: T });
    expect(patient.last?.nextAt).toBe(T + HOUR);
    expect(patient.take({ now: T + 3 * HOUR })).toMatchObject([
      { change: "raised", rule: "silent", channel: "technical", at: T + HOUR },
    ]);
    expect(patient.take({ now: T + 4 * HOUR })).toEqual([]);
    const contactAt = T + 5 * HOUR;
    expect(patient.take({ now: contactAt, contactAt })).toEqual([
      { change: "over", rule: "silent", at: contactAt },
    ]);
  });

  it("is looked at every five minutes while it lasts: a sign of life that is no reading wakes nobody", () => {
    const patient = watched({ silentAfterMs: HOUR });
    patient.take({ now: T, contactAt: T });
    patient.take({ now: T + 2 * HOUR });
    expect(patient.last?.nextAt).toBe(T + 2 * HOUR + 5 * MINUTE);
    patient.take({ now: T + 3 * HOUR, contactAt: T + 3 * HOUR });
    expect(patient.last?.nextAt).toBe(T + 4 * HOUR);
    expect(patient.take({ now: T + 4 * HOUR }).map(shortly)).toEqual(["raised warn"]);
  });

  it("is not shortened by word of an earlier contact", () => {
    const patient = watched({ silentAfterMs: HOUR });
    patient.take({ now: T, contactAt: T });
    expect(patient.take({ now: T + HOUR - 1, contactAt: T - HOUR })).toEqual([]);
  });

  it("is over where the plan no longer asks for it", () => {
    const patient = watched({ silentAfterMs: HOUR });
    patient.take({ now: T, contactAt: T });
    patient.take({ now: T + HOUR });
    patient.plan = NOTHING;
    expect(patient.take({ now: T + 2 * HOUR }).map(shortly)).toEqual(["over"]);
  });
});

describe("a patient without a device any more", () => {
  const plan: Plan = {
    ...PRESSURE,
    device: { silentAfterMs: HOUR, batteryBelow: 15, gaps: true },
  };

  it("is expected to send nothing: what was told of devices is over", () => {
    const patient = new WatchedPatient(plan);
    const samples = [sample("blood-pressure", T, [120, 80, null])];
    const batteries = [{ sensor: "cuff", percent: 9 }];
    patient.take({ now: T, samples, contactAt: T, missing: 1, batteries });
    patient.take({ now: T + 2 * HOUR });
    const changes = patient.take({ now: T + 3 * HOUR, contactAt: null });
    expect(changes.map((one) => `${one.rule} ${shortly(one)}`)).toEqual([
      "silent over",
      "gap over",
      "battery over",
    ]);
    expect(patient.last?.nextAt).toBeNull();
    expect(patient.take({ now: T + 100 * HOUR, contactAt: null })).toEqual([]);
  });

  it("is not told to be silent, nor to measure nothing", () => {
    const patient = new WatchedPatient({ ...plan, device: NOTHING.device });
    const samples = [sample("blood-pressure", T, [120, 80, null])];
    patient.take({ now: T, samples, contactAt: T });
    patient.take({ now: T + 15 * HOUR });
    expect(patient.take({ now: T + 16 * HOUR, contactAt: null }).map(shortly)).toEqual(["over"]);
    expect(patient.take({ now: T + 40 * HOUR })).toEqual([]);
  });

  it("is watched again with the next device", () => {
    const patient = new WatchedPatient(plan);
    patient.take({ now: T, contactAt: T });
    patient.take({ now: T, contactAt: null });
    patient.take({ now: T + 50 * HOUR, contactAt: T + 50 * HOUR });
    expect(patient.take({ now: T + 51 * HOUR }).map(shortly)).toEqual(["raised warn"]);
  });
});

describe("a hospital that was away itself", () => {
  const plan: Plan = { ...PRESSURE, device: { ...NOTHING.device, silentAfterMs: 13 * HOUR } };
  const back = T + 40 * HOUR;
  const quietUntil = back + 15 * MINUTE;

  function away(): WatchedPatient {
    const patient = new WatchedPatient(plan);
    patient.take({
      ...{ now: T, contactAt: T },
      samples: [sample("blood-pressure", T, [120, 80, null])],
    });
    expect(patient.take({ now: back, contactAt: T, quietUntil })).toEqual([]);
    expect(patient.last?.nextAt).toBe(quietUntil);
    return patient;
  }

  it("tells of nobody's silence before devices could be heard of again", () => {
    const patient = away();
    const contactAt = back + MINUTE;
    const samples = [sample("blood-pressure", contactAt, [120, 80, null])];
    expect(patient.take({ now: contactAt, contactAt, samples, quietUntil })).toEqual([]);
    expect(patient.take({ now: quietUntil })).toEqual([]);
  });

  it("tells of who is silent still, and of what is still not measured", () => {
    expect(
      away()
        .take({ now: quietUntil })
        .map(({ rule }) => rule),
    ).toEqual(["silent"]);
    const heard = away();
    heard.take({ now: back + MINUTE, contactAt: back + MINUTE, quietUntil });
    expect(heard.last?.nextAt).toBe(quietUntil);
    expect(heard.take({ now: quietUntil }).map(({ rule }) => rule)).toEqual([
      "no-data:blood-pressure",
    ]);
  });

  it("tells of values at once all the same", () => {
    const patient = new WatchedPatient(planTemplate("adult"));
    const samples = [sample("heart-rate", back, 140)];
    const changes = patient.take({ now: back, samples, quietUntil });
    expect(changes.map(shortly)).toContain("raised urgent");
  });
});

describe("messages that are missing", () => {
  it("are told, with their number as it is, and over when none is", () => {
    const patient = watched({ gaps: true });
    expect(patient.take({ now: T, missing: 2 })).toMatchObject([
      { change: "raised", rule: "gap", channel: "technical", finding: { missing: 2 } },
    ]);
    expect(patient.take({ now: T + HOUR, missing: 1 })).toMatchObject([
      { change: "updated", finding: { missing: 1 } },
    ]);
    expect(patient.take({ now: T + HOUR, missing: 1 })).toEqual([]);
    expect(patient.take({ now: T + 2 * HOUR })).toEqual([]);
    expect(patient.take({ now: T + 3 * HOUR, missing: 0 }).map(shortly)).toEqual(["over"]);
    expect(patient.take({ now: T + 4 * HOUR, missing: 1 }).map(shortly)).toEqual(["raised warn"]);
  });

  it("are told again when there are more: whoever looked after the first does not know of these", () => {
    const patient = watched({ gaps: true });
    patient.take({ now: T, missing: 1 });
    expect(patient.take({ now: T + HOUR, missing: 40 })).toMatchObject([
      { change: "raised", finding: { missing: 40 } },
    ]);
  });

  it("are not told where the plan does not ask, or where none are", () => {
    expect(watched({ gaps: false }).take({ now: T, missing: 2 })).toEqual([]);
    expect(watched({ gaps: true }).take({ now: T, missing: 0 })).toEqual([]);
  });

  it("are no longer told once the plan does not ask", () => {
    const patient = watched({ gaps: true });
    patient.take({ now: T, missing: 2 });
    patient.plan = NOTHING;
    expect(patient.take({ now: T + HOUR }).map(shortly)).toEqual(["over"]);
  });
});

describe("batteries", () => {
  const told = (patient: WatchedPatient, batteries: Readonly<Record<string, number>>, now = T) =>
    patient.take({
      now,
      batteries: Object.entries(batteries).map(([sensor, percent]) => ({ sensor, percent })),
    });
  const DAY = 24 * HOUR;

  it("at or below their limit are told", () => {
    const patient = watched({ batteryBelow: 15 });
    expect(told(patient, { strap: 16, cuff: 40 })).toEqual([]);
    expect(told(patient, { strap: 15 })).toMatchObject([
      {
        ...{ change: "raised", rule: "battery", channel: "technical" },
        finding: { percent: 15, limit: 15 },
      },
    ]);
    expect(told(patient, { strap: 15 })).toEqual([]);
    expect(told(patient, { strap: 14 })).toMatchObject([
      { change: "updated", finding: { percent: 14 } },
    ]);
  });

  it("are told again for a further sensor: whoever exchanged the first does not know of it", () => {
    const patient = watched({ batteryBelow: 15 });
    told(patient, { strap: 5 });
    expect(told(patient, { cuff: 10 })).toMatchObject([
      { change: "raised", finding: { percent: 5 } },
    ]);
    expect(told(patient, { cuff: 10, strap: 5 })).toEqual([]);
  });

  it("are no longer told once all are well above it, not while a charge wavers", () => {
    const patient = watched({ batteryBelow: 15 });
    told(patient, { strap: 10, cuff: 12 });
    expect(told(patient, { strap: 19 })).toEqual([]);
    expect(told(patient, { strap: 100 }).map(shortly)).toEqual(["updated warn"]);
    expect(told(patient, { cuff: 20 }).map(shortly)).toEqual(["over"]);
  });

  it("of a sensor that was put away are forgotten after a week", () => {
    const patient = watched({ batteryBelow: 15 });
    told(patient, { strap: 10 });
    told(patient, { strap: 10 }, T + DAY);
    expect(patient.last?.nextAt).toBe(T + 8 * DAY);
    expect(patient.take({ now: T + 8 * DAY - 1 })).toEqual([]);
    expect(patient.take({ now: T + 8 * DAY }).map(shortly)).toEqual(["over"]);
  });

  it("are not told where the plan does not ask, and no longer once it does not", () => {
    expect(told(watched({}), { strap: 1 })).toEqual([]);
    const patient = watched({ batteryBelow: 15 });
    told(patient, { strap: 1 });
    patient.plan = NOTHING;
    expect(told(patient, {}).map(shortly)).toEqual(["over"]);
  });
});

describe("a clock that was wrong", () => {
  const plan: Plan = {
    ...planTemplate("adult"),
    noData: [{ kind: "heart-rate", afterMs: 14 * HOUR }],
  };
  const YEARS = 20 * 365 * 24 * HOUR;

  it("far ahead for one look leaves nothing behind once it is right again", () => {
    const patient = new WatchedPatient(plan);
    patient.take({ now: T, samples: [sample("heart-rate", T, 95)], contactAt: T });
    const wrong = patient.take({ now: T + YEARS, contactAt: T + YEARS });
    expect(wrong.map(({ rule }) => rule)).toContain("no-data:heart-rate");
    const right = T + 5 * MINUTE;
    const changes = patient.take({
      now: right,
      samples: [sample("heart-rate", right, 70)],
      contactAt: right,
    });
    expect(changes.map((one) => `${one.rule} ${shortly(one)}`)).toContain(
      "no-data:heart-rate over",
    );
    expect(changes.every(({ at }) => at <= right)).toBe(true);
    expect(patient.state.at).toBe(right);
    expect(patient.last?.news2).toMatchObject({ total: 0, oldestAt: right });
    // Watched as if nothing had been.
    const again = patient.take({
      now: right + HOUR,
      samples: [sample("heart-rate", right + HOUR, 140)],
    });
    expect(again.map(shortly)).toEqual(["raised urgent"]);
    expect(patient.take({ now: right + 13 * HOUR }).map(({ rule }) => rule)).toEqual(["silent"]);
  });

  it("a little ahead and put right lets time stand still for so long", () => {
    const patient = new WatchedPatient(plan);
    patient.take({ now: T, samples: [sample("heart-rate", T, 70)], contactAt: T });
    patient.take({ now: T - 4 * MINUTE });
    expect(patient.state.at).toBe(T);
  });

  it("ahead while a warning waited does not keep it waiting for years", () => {
    const patient = new WatchedPatient({ ...plan, news2: null });
    patient.take({ now: T + YEARS, samples: [sample("heart-rate", T + YEARS, 95)] });
    patient.take({ now: T });
    expect(patient.last?.nextAt).toBe(T + 15 * MINUTE);
    expect(patient.take({ now: T + 15 * MINUTE }).map(shortly)).toEqual(["raised warn"]);
  });
});
