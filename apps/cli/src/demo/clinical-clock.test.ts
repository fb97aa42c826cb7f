import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dueAt, planClock, sampleTime } from "./clinical-clock.ts";

const START = Date.UTC(2026, 2, 1, 12);
const HOUR_MS = 3_600_000;

describe("a demo patient's clock", () => {
  it("plays eight recorded minutes as they were", () => {
    expect(planClock(480_000, START, { kind: "default" })).toEqual({
      anchor: START,
      start: START,
      speed: 1,
    });
  });

  it("plays four months in less than ten minutes", () => {
    const length = 4 * 30 * 24 * HOUR_MS;
    const clock = planClock(length, START, { kind: "default" });
    expect(dueAt(length, clock) - START).toBeLessThan(600_000);
  });

  it("keeps the speed that was asked for", () => {
    expect(planClock(HOUR_MS, START, { kind: "speed", speed: 60 }).speed).toBe(60);
  });

  it("squeezes a recording into the time that was asked for", () => {
    const clock = planClock(24 * HOUR_MS, START, { kind: "squeezed", replayMs: 15_000 });
    expect(dueAt(24 * HOUR_MS, clock) - START).toBeLessThanOrEqual(15_000);
  });

  it("never makes a recording slower than it was", () => {
    expect(planClock(5_000, START, { kind: "squeezed", replayMs: 15_000 }).speed).toBe(1);
    expect(planClock(5_000, START, { kind: "speed", speed: 0.5 }).speed).toBe(1);
  });

  it("survives a recording with a single moment", () => {
    const clock = planClock(0, START, { kind: "default" });
    expect(sampleTime(0, clock)).toBe(START);
  });

  it("lets no sample lie later than the moment at which it is sent, and the last at that moment", () => {
    const lengths = fc.integer({ min: 0, max: 200 * 24 * HOUR_MS });
    const paces = fc.oneof(
      fc.constant({ kind: "default" } as const),
      fc.record({
        kind: fc.constant("speed" as const),
        speed: fc.double({ min: 1, max: 1e6, noNaN: true }),
      }),
      fc.record({
        kind: fc.constant("squeezed" as const),
        replayMs: fc.integer({ min: 1, max: 1e6 }),
      }),
    );
    fc.assert(
      fc.property(
        lengths,
        paces,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (length, pace, part) => {
          const clock = planClock(length, START, pace);
          const offset = Math.floor(length * part);
          expect(sampleTime(offset, clock)).toBeLessThanOrEqual(dueAt(offset, clock));
          expect(dueAt(length, clock) - sampleTime(length, clock)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
