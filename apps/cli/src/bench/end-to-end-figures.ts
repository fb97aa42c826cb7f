import type { Pipeline, ThroughputRound } from "./end-to-end-pipelines.ts";
import { SAMPLES_PER_ENVELOPE } from "./harness/bench-envelopes.ts";
import type { BenchValue } from "./harness/bench-result.ts";
import { median, percentile, rounded } from "./harness/statistics.ts";

/** One round at a fixed rate; ms. */
export interface PacedRound {
  readonly toAnswer: Float64Array;
  /** From stored to shown; empty for the plain pipeline, which has no screen. */
  readonly toScreen: readonly number[];
}

type Kind = Pipeline["kind"];

/** Medians over the rounds, and what they make together. */
export function describeThroughput(rounds: ReadonlyMap<Kind, readonly ThroughputRound[]>): {
  readonly value: Record<string, BenchValue>;
  readonly ratio: number;
  readonly plainRowsPerSecond: number;
  /** Of each process over all rounds. */
  readonly cpuSeconds: BenchValue;
} {
  const of = (kind: Kind, figure: (round: ThroughputRound) => number): number =>
    median((rounds.get(kind) ?? []).map(figure));
  const perSecond = (kind: Kind): number => of(kind, (round) => round.perSecond);
  const cpu = (kind: Kind): number => of(kind, (round) => round.cpuPerSampleTotal);
  const describe = (kind: Kind): BenchValue => {
    const names = Object.keys(rounds.get(kind)?.[0]?.cpuPerSample ?? {});
    const each = names.map((name): [string, number] => [
      name,
      rounded(of(kind, ({ cpuPerSample }) => cpuPerSample[name] ?? 0)),
    ]);
    return {
      messagesPerSecond: rounded(perSecond(kind)),
      samplesPerSecond: rounded(perSecond(kind) * SAMPLES_PER_ENVELOPE),
      rounds: (rounds.get(kind) ?? []).map((round) => rounded(round.perSecond)),
      cpuMicrosecondsPerSample: { all: rounded(cpu(kind)), ...Object.fromEntries(each) },
      generatorCores: rounded(of(kind, (round) => round.generatorCores)),
    };
  };
  const share = (figure: (kind: Kind) => number, other: Kind): number =>
    rounded(figure("sealed") / figure(other));
  const ratio = share(perSecond, "rows");
  return {
    value: {
      sealed: describe("sealed"),
      plainRows: describe("rows"),
      plainJsonb: describe("jsonb"),
      throughputRatio: { toPlainRows: ratio, toPlainJsonb: share(perSecond, "jsonb") },
      cpuRatio: { toPlainRows: share(cpu, "rows"), toPlainJsonb: share(cpu, "jsonb") },
    },
    ratio,
    plainRowsPerSecond: rounded(perSecond("rows")),
    cpuSeconds: {
      sealed: sumCpu(rounds.get("sealed")),
      plainRows: sumCpu(rounds.get("rows")),
      plainJsonb: sumCpu(rounds.get("jsonb")),
    },
  };
}

function sumCpu(rounds: readonly ThroughputRound[] = []): BenchValue {
  const sums: Record<string, number> = {};
  for (const { cpuSeconds } of rounds) {
    for (const [name, seconds] of Object.entries(cpuSeconds)) {
      sums[name] = rounded((sums[name] ?? 0) + seconds);
    }
  }
  return sums;
}

/** Medians of the rounds' percentiles. */
export function describeLatencies(rounds: ReadonlyMap<Kind, readonly PacedRound[]>): {
  readonly value: Record<string, BenchValue>;
  readonly p50Ms: number;
  readonly p99Ms: number;
} {
  const toAnswer = (kind: Kind) => percentiles((rounds.get(kind) ?? []).map((one) => one.toAnswer));
  const sealed = toAnswer("sealed");
  return {
    value: {
      latency: { sealed, plainRows: toAnswer("rows"), plainJsonb: toAnswer("jsonb") },
      storedToScreen: percentiles((rounds.get("sealed") ?? []).map((one) => one.toScreen)),
    },
    ...sealed,
  };
}

function percentiles(rounds: readonly (readonly number[] | Float64Array)[]): {
  readonly p50Ms: number;
  readonly p99Ms: number;
} {
  const at = (percent: number): number =>
    rounded(median(rounds.map((values) => percentile(values, percent))));
  return { p50Ms: at(50), p99Ms: at(99) };
}
