import type { Readings, Series } from "@siphms/messages";
import { describe, expect, it } from "vitest";
import { judgeReadings, type JudgeContext } from "./judge-readings.ts";

const NOW = Date.UTC(2026, 0, 5, 8);
const MINUTE = 60_000;
const context: JudgeContext = {
  binding: "active",
  enrolledAt: NOW - MINUTE,
  receivedAt: NOW,
  demo: null,
};

function readings(series: readonly Series[], created = NOW): Readings {
  return { messageId: new Uint8Array(16), created, series };
}

const rates = (start: number, ...values: readonly number[]): Series => ({
  kind: 1,
  start,
  step: 1000,
  values,
  origin: 0,
});

describe("judgeReadings (SR-44)", () => {
  it("finds nothing wrong with good samples, and says what is in them", () => {
    const judged = judgeReadings(
      readings([
        rates(NOW - 3000, 70, 71),
        { kind: 5, start: NOW - 9000, step: 0, values: [3670], origin: 1 },
      ]),
      context,
    );
    expect(judged).toMatchObject({
      outcome: 0,
      quarantined: [],
      startAt: NOW - 9000,
      endAt: NOW - 2000,
      kinds: (1 << 1) | (1 << 5),
      late: false,
    });
    expect(judged.reason).toBeUndefined();
  });

  it("names each implausible sample by series and place", () => {
    const judged = judgeReadings(readings([rates(NOW, 70), rates(NOW, 0, 70, 301)]), context);
    expect(judged.outcome).toBe(1);
    expect(judged.quarantined).toEqual([
      [1, 0, "no-signal"],
      [1, 2, "out-of-range"],
    ]);
  });

  it("drops a bad mean alone and keeps the pressure", () => {
    const series: Series = { kind: 2, start: NOW, step: 0, values: [[120, 80, 200]], origin: 0 };
    const judged = judgeReadings(readings([series]), context);
    expect(judged.outcome).toBe(0);
    expect(judged.samples()).toMatchObject([{ value: [120, 80, null] }]);
  });

  it("takes a sample up to a minute later than its message, and none after", () => {
    const judged = judgeReadings(
      readings([rates(NOW + MINUTE, 70), rates(NOW + MINUTE + 1, 70)]),
      context,
    );
    expect(judged.quarantined).toEqual([[1, 0, "clock"]]);
  });

  it("judges all of a pending device alike, whatever else is wrong", () => {
    const judged = judgeReadings(readings([rates(NOW, 70, 0)], NOW + 10 * MINUTE), {
      ...context,
      binding: "pending",
    });
    expect(judged).toMatchObject({ outcome: 2, reason: "binding-pending", quarantined: [] });
    expect(judged.samples().every(({ quarantined }) => quarantined === "binding-pending")).toBe(
      true,
    );
  });

  it.each([
    ["ahead", NOW + 5 * MINUTE + 1],
    ["before the enrolment", NOW - 6 * MINUTE - 1],
  ])("judges all of a message alike whose clock is %s", (_title, created) => {
    const judged = judgeReadings(readings([rates(created, 70)], created), context);
    expect(judged).toMatchObject({ outcome: 2, reason: "clock", quarantined: [] });
  });

  it("never calls a quarantined sample late", () => {
    const judged = judgeReadings(readings([rates(NOW - 60 * MINUTE, 0)]), context);
    expect(judged.late).toBe(false);
  });

  it("calls a sample late by the replay's clock of a demo patient alone", () => {
    const anchor = NOW - 60 * MINUTE;
    const demo = { anchor, start: NOW, speed: 10 };
    expect(judgeReadings(readings([rates(anchor, 70)]), { ...context, demo }).late).toBe(false);
    expect(judgeReadings(readings([rates(anchor, 70)]), context).late).toBe(true);
  });

  it("puts a message with more implausible samples than a receipt can name into quarantine as a whole", () => {
    const series = [rates(NOW - 1, ...Array.from({ length: 2001 }, () => 0)), rates(NOW, 70)];
    const judged = judgeReadings(readings(series, NOW + 4 * MINUTE), {
      ...context,
      receivedAt: NOW + 40 * MINUTE,
    });
    expect(judged).toMatchObject({ outcome: 2, reason: "too-many-implausible", quarantined: [] });
    expect(judged.samples().every(({ quarantined }) => quarantined !== undefined)).toBe(true);
  });

  it("does not change what it judges", () => {
    const input = readings([rates(NOW, 70, 0)]);
    const before = structuredClone(input);
    judgeReadings(input, context);
    expect(input).toEqual(before);
  });
});
