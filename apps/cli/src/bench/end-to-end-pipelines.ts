import type { LoadCalls, LoadKind } from "./load/load-calls.ts";
import type { LoadReport } from "./load/load-run.ts";
import { scheduleOf } from "./load/schedule.ts";
import type { LoadPhase } from "./load/schedule.ts";
import { CliError } from "../cli-error.ts";
import type { BenchProcess } from "./harness/bench-process.ts";
import { SAMPLES_PER_ENVELOPE } from "./harness/bench-envelopes.ts";
import { measureCpu } from "./harness/cpu-accounting.ts";

/** One of the pipelines that are measured beside each other. */
export interface Pipeline {
  readonly kind: LoadKind;
  readonly port: number;
  /** The server's processes, by name. */
  readonly pids: Readonly<Record<string, number>>;
}

/** One round at saturation. */
export interface ThroughputRound {
  readonly perSecond: number;
  /** CPU microseconds of each server process for one sample, and of all of them. */
  readonly cpuPerSample: Readonly<Record<string, number>>;
  readonly cpuPerSampleTotal: number;
  /** The load generator's own share of the machine: CPU seconds a second. */
  readonly generatorCores: number;
  /** Of each process, the generator too. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
}

/** The load generator and what was sent through each pipeline, so that it can be compared with what is stored. */
export interface Driver {
  readonly load: BenchProcess<LoadCalls>;
  readonly sent: Record<LoadKind, number>;
}

/** What the gateway is asked to wait for the receipt; the plain pipeline answers by itself. */
const WAIT_SECONDS = 30;
const MICROSECONDS = 1_000_000;

/** Sends so many messages as fast as the pipeline takes them. @throws {CliError} unless every one is stored, receipt verified. */
export async function measureThroughput(
  pipeline: Pipeline,
  options: { readonly count: number; readonly connections: number },
  driver: Driver,
): Promise<ThroughputRound> {
  const { count, connections } = options;
  await prepare(pipeline, count, driver);
  const { cpu, result } = await measureCpu(pipeline.pids, () =>
    driver.load.ask("send", { kind: "saturate", connections }),
  );
  checkComplete(pipeline, result, count);
  const perSample = (seconds: number): number =>
    (seconds * MICROSECONDS) / (count * SAMPLES_PER_ENVELOPE);
  const total = Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);
  return {
    perSecond: count / result.seconds,
    cpuPerSample: Object.fromEntries(
      Object.entries(cpu).map(([name, seconds]) => [name, perSample(seconds)]),
    ),
    cpuPerSampleTotal: perSample(total),
    generatorCores: result.cpuSeconds / result.seconds,
    cpuSeconds: { ...cpu, generator: result.cpuSeconds },
  };
}

/** Sends at a fixed rate. @throws {CliError} unless every one is stored, receipt verified. */
export async function measurePaced(
  pipeline: Pipeline,
  { phase, connections }: { readonly phase: LoadPhase; readonly connections: number },
  driver: Driver,
): Promise<LoadReport> {
  const count = scheduleOf([phase]).length;
  await prepare(pipeline, count, driver);
  const report = await driver.load.ask("send", {
    kind: "paced",
    phases: [phase],
    maxConnections: connections,
    verify: "on-arrival",
  });
  checkComplete(pipeline, report, count);
  return report;
}

/** From the moment when each should have been sent to its answer, verified where it is a receipt; ms. */
export function latenciesOf({ intendedMs, doneMs }: LoadReport): Float64Array {
  return doneMs.map((done, index) => done - (intendedMs[index] ?? 0));
}

async function prepare(
  { kind, port }: Pipeline,
  count: number,
  { load, sent }: Driver,
): Promise<void> {
  await load.ask("prepare", { kind, port, count, waitSeconds: WAIT_SECONDS });
  sent[kind] += count;
}

function checkComplete({ kind }: Pipeline, report: LoadReport, count: number): void {
  const expected = kind === "sealed" ? 200 : 201;
  const other = report.status.filter((status) => status !== expected);
  if (other.length > 0) {
    throw new CliError(
      `${other.length} of ${count} messages (${kind}) were not answered with ${expected} but with ${[...new Set(other)].join(", ")}.`,
    );
  }
  if (kind === "sealed" && report.receipts.length !== count) {
    throw new CliError("Not every receipt was verified.");
  }
}
