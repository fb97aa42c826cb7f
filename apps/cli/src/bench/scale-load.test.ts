import { describe, expect, it } from "vitest";

import { NO_STATUS } from "./load/http-lane.ts";
import type { LoadReport } from "./load/load-run.ts";
import { describeStretch, recoveryMs } from "./scale-load.ts";

/** A report of requests given as [due, done, status]. */
function report(requests: readonly (readonly [number, number, number])[]): LoadReport {
  return {
    seconds: 1,
    cpuSeconds: 0.1,
    intendedMs: Float64Array.from(requests, ([due]) => due),
    doneMs: Float64Array.from(requests, ([, done]) => done),
    status: Int16Array.from(requests, ([, , status]) => status),
    receipts: [],
  };
}

describe("a stretch of load", () => {
  it("counts receipts that arrived in it, and takes latencies of what was due in it", () => {
    const stretch = describeStretch(
      report([
        [0, 1_200, 200],
        [1_000, 1_100, 200],
        [1_500, 1_700, 200],
        [1_900, 2_400, 200],
        [2_000, 2_001, 200],
      ]),
      1_000,
      2_000,
    );
    expect(stretch).toEqual({
      achievedPerSecond: 3,
      p50Ms: 200,
      p99Ms: 500,
      answers: { 200: 3 },
    });
  });

  it("counts refusals and losses by their kind, and none of them as a receipt or a latency", () => {
    const stretch = describeStretch(
      report([
        [0, 10, 200],
        [1, 2, 202],
        [2, 3, 429],
        [3, 4, 429],
        [4, 5, 503],
        [5, 6, NO_STATUS.lost],
        [6, 7, NO_STATUS.timeout],
      ]),
      0,
      500,
    );
    expect(stretch).toEqual({
      achievedPerSecond: 2,
      p50Ms: 10,
      p99Ms: 10,
      answers: { 200: 1, 202: 1, 429: 2, 503: 1, lost: 1, timeout: 1 },
    });
  });

  it("has no latency where nothing was receipted", () => {
    expect(describeStretch(report([[0, 1, 503]]), 0, 1_000)).toMatchObject({
      achievedPerSecond: 0,
      p50Ms: null,
      p99Ms: null,
    });
  });
});

describe("the recovery from an overload", () => {
  const times = { overloadFromMs: 1_000, overloadToMs: 2_000, endMs: 3_000 };
  /** A request every 50 ms with this latency by its time. */
  const load = (latency: (due: number) => number, status: (due: number) => number = () => 200) =>
    report(
      Array.from({ length: 60 }, (_, index) => index * 50).map(
        (due) => [due, due + latency(due), status(due)] as const,
      ),
    );
  const slowUntil = (end: number) => (due: number) => (due >= 1_000 && due < end ? 400 : 10);

  it("takes no time where the first window is as fast as before", () => {
    expect(recoveryMs(load(slowUntil(2_000)), times)).toBe(0);
  });

  it("takes until the window from which on all are fast", () => {
    expect(recoveryMs(load(slowUntil(2_450)), times)).toBe(500);
  });

  it("is not over with a fast window before a slow one", () => {
    const twice = (due: number): number => (due >= 2_500 && due < 2_750 ? 400 : 10);
    expect(recoveryMs(load(twice), times)).toBe(750);
  });

  it("has not come where the last window is slow", () => {
    expect(
      recoveryMs(
        load((due) => (due < 1_000 ? 10 : 21)),
        times,
      ),
    ).toBeNull();
  });

  it("has not come while anything is refused", () => {
    const refused = (due: number): number => (due === 2_950 ? 429 : 200);
    expect(
      recoveryMs(
        load(() => 10, refused),
        times,
      ),
    ).toBeNull();
  });

  it("cannot be told where nothing was receipted before", () => {
    const refused = (due: number): number => (due < 1_000 ? 503 : 200);
    expect(
      recoveryMs(
        load(() => 10, refused),
        times,
      ),
    ).toBeNull();
  });
});
