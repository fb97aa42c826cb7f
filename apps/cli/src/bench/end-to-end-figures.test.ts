import { describe, expect, it } from "vitest";

import { describeLatencies, describeThroughput } from "./end-to-end-figures.ts";
import type { ThroughputRound } from "./end-to-end-pipelines.ts";

function rounds(...figures: readonly (readonly [perSecond: number, cpu: number])[]) {
  return figures.map(([perSecond, cpu]): ThroughputRound => ({
    perSecond,
    cpuPerSample: { server: cpu / 4, postgres: (cpu * 3) / 4 },
    cpuPerSampleTotal: cpu,
    generatorCores: 0.5,
    cpuSeconds: { server: cpu, generator: 0.25 },
  }));
}

describe("the figures of the end-to-end bench", () => {
  it("are medians of the rounds, set against both forms of the plain pipeline", () => {
    const { value, ratio, plainRowsPerSecond, cpuSeconds } = describeThroughput(
      new Map([
        ["sealed", rounds([900, 8], [1_000, 12], [5_000, 10])],
        ["rows", rounds([2_000, 20], [1, 20], [3_000, 1])],
        ["jsonb", rounds([4_000, 5], [4_000, 5], [4_000, 5])],
      ]),
    );
    expect(ratio).toBe(0.5);
    expect(plainRowsPerSecond).toBe(2_000);
    expect(cpuSeconds).toMatchObject({ sealed: { server: 30, generator: 0.75 } });
    expect(value).toMatchObject({
      sealed: {
        messagesPerSecond: 1_000,
        samplesPerSecond: 60_000,
        rounds: [900, 1_000, 5_000],
        cpuMicrosecondsPerSample: { all: 10, server: 2.5, postgres: 7.5 },
      },
      throughputRatio: { toPlainRows: 0.5, toPlainJsonb: 0.25 },
      cpuRatio: { toPlainRows: 0.5, toPlainJsonb: 2 },
    });
  });

  it("cannot be made of a pipeline without a round", () => {
    const sealedOnly = new Map([["sealed" as const, rounds([1, 1])]]);
    expect(() => describeThroughput(sealedOnly)).toThrow(RangeError);
  });

  it("take each round's percentiles, and of them the median", () => {
    const paced = (...toAnswer: number[]) => ({
      toAnswer: Float64Array.from(toAnswer),
      toScreen: toAnswer.map((ms) => 2 * ms),
    });
    const plain = [paced(1)];
    const { value, p50Ms, p99Ms } = describeLatencies(
      new Map([
        ["sealed", [paced(5, 1, 9), paced(6, 2, 99), paced(7, 3, 30)]],
        ["rows", plain],
        ["jsonb", plain],
      ]),
    );
    expect([p50Ms, p99Ms]).toEqual([6, 30]);
    expect(value).toMatchObject({ storedToScreen: { p50Ms: 12, p99Ms: 60 } });
  });
});
