import { TREND_STEP_MS, TREND_STEPS, type ApiSample, type Trend } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { extendTrend } from "./trend.ts";

const START = 1_000 * TREND_STEP_MS;
const none = Array.from({ length: TREND_STEPS }, (): number | null => null);

const trend: Trend = {
  patient: "a",
  start: START,
  stepMs: TREND_STEP_MS,
  series: [{ kind: "heart-rate", values: [60, ...none.slice(2), 70] }],
};

function sample(step: number, change: Partial<ApiSample> = {}): ApiSample {
  const shared = { unit: "/min", origin: "sensor", state: "stored", device: "d", messageId: "m" };
  return {
    ...(shared as ApiSample),
    ...{ kind: "heart-rate", at: START + step * TREND_STEP_MS, value: 80 },
    ...change,
  };
}

function heart({ series }: Trend): readonly (number | null)[] {
  return series.find(({ kind }) => kind === "heart-rate")?.values ?? [];
}

describe("a trend that goes on live", () => {
  it("moves the mean of the step that a sample belongs to", () => {
    expect(heart(extendTrend(trend, [sample(TREND_STEPS - 1)])).at(-1)).toBe(75);
    expect(heart(extendTrend(trend, [sample(1)]))[1]).toBe(80);
  });

  it("lets old steps go as time passes, and keeps the gap", () => {
    const later = extendTrend(trend, [sample(TREND_STEPS + 1)]);
    expect(later.start).toBe(START + 2 * TREND_STEP_MS);
    expect(heart(later).slice(-4)).toEqual([null, 70, null, 80]);
    expect(heart(later)).toHaveLength(TREND_STEPS);
    expect(heart(later)[0]).toBeNull();
  });

  it("begins a kind that it did not have, a pressure by its systolic number", () => {
    const kinds = extendTrend(trend, [
      sample(0, { kind: "blood-pressure", value: [120, 80, null] }),
    ]);
    expect(kinds.series.find(({ kind }) => kind === "blood-pressure")?.values[0]).toBe(120);
    expect(heart(kinds)).toEqual(heart(trend));
  });

  it.each([
    ["in quarantine", sample(0, { state: "quarantined" })],
    ["older than the six hours", sample(-1)],
    ["a pressure without its upper number", sample(0, { value: [null, 80, null] })],
  ])("takes nothing that is %s", (_what, one) => {
    expect(extendTrend(trend, [one])).toEqual(trend);
  });

  it("does not alter what it was given", () => {
    const before = structuredClone(trend);
    extendTrend(trend, [sample(0), sample(TREND_STEPS + 5)]);
    expect(trend).toEqual(before);
  });
});
