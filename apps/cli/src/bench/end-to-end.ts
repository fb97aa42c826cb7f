import { CliError } from "../cli-error.ts";
import { systemClock } from "../device-state/system-clock.ts";
import { addDoctorOfAll } from "../installation/doctor-of-all.ts";
import { SAMPLES_PER_ENVELOPE } from "./harness/bench-envelopes.ts";
import { installationConditions, machineConditions } from "./harness/bench-conditions.ts";
import { startBenchInstallation } from "./harness/bench-installation.ts";
import type { BenchInstallation } from "./harness/bench-installation.ts";
import { startBenchProcess } from "./harness/bench-process.ts";
import type { BenchResult, BenchValue } from "./harness/bench-result.ts";
import type { BenchScope } from "./harness/bench-scope.ts";
import { latenciesOf, measurePaced, measureThroughput } from "./end-to-end-pipelines.ts";
import type { Driver, Pipeline, ThroughputRound } from "./end-to-end-pipelines.ts";
import { openLiveScreen } from "./end-to-end-screen.ts";
import type { LiveScreen } from "./end-to-end-screen.ts";
import { describeLatencies, describeThroughput } from "./end-to-end-figures.ts";
import type { PacedRound } from "./end-to-end-figures.ts";
import type { LoadCalls } from "./load/load-calls.ts";
import { startPlainPipeline } from "./plain/start-plain.ts";
import type { PlainPipeline } from "./plain/start-plain.ts";

/** How `siphms bench end-to-end` measures. */
export interface EndToEndOptions {
  /** About so long each round at saturation takes. */
  readonly seconds: number;
  readonly rounds: number;
  /** Each with a session and a connection of its own. */
  readonly devices: number;
  /** Length of each round at a fixed rate. */
  readonly latencySeconds: number;
}

/** The rate for latencies. */
const ENVELOPES_PER_SECOND = 100;
/** Enough to estimate a rate, and for the just-in-time compiler to begin. */
const FIRST_MESSAGES = 256;
/** Of 10, 20, 40 and 80 the plain pipeline is about as fast with 40 as with more. */
const PLAIN_POOL = 40;
/** The most that a setting allows: all devices of the generator come from one address. */
const ADDRESS_PER_MINUTE = 10_000_000;
/** The most that a pass can allow. */
const PASS_PER_MINUTE = 6_000;
const GATEWAY_SETTINGS = { SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: String(ADDRESS_PER_MINUTE) };
const HOSPITAL_SETTINGS = {
  SIPHMS_HOSPITAL_ENVELOPES_PER_MINUTE: String(PASS_PER_MINUTE),
  // Only there a link signs a doctor in without a second factor.
  SIPHMS_DEMO: "yes",
};

/**
 * Measures the whole way (device, gateway, hospital, verified receipt) beside the pipeline that a developer would build without
 * security, storing the same readings as 60 rows or as one jsonb row: throughput, CPU of the servers, latencies.
 *
 * Rounds of the pipelines take turns, so that what the machine does meanwhile meets all of them.
 *
 * @throws {CliError} unless everything that was sent is stored, and every receipt verified.
 */
export async function runEndToEndBench(
  scope: BenchScope,
  options: EndToEndOptions,
): Promise<BenchResult> {
  const installation = await startBenchInstallation(scope, {
    gateway: GATEWAY_SETTINGS,
    hospital: HOSPITAL_SETTINGS,
  });
  const plain = await startPlainPipeline(scope, { poolSize: PLAIN_POOL });
  const driver = await startDriver(scope, installation, options.devices);
  const pipelines = pipelinesOf(installation, plain);
  const measuring = { pipelines, driver, options };
  const counts = await warmUp(scope, measuring);
  const doctor = await addDoctorOfAll(installation.operator, "Dr. Bench");
  const screen = await openLiveScreen(scope, doctor.link, systemClock);
  // First: what a minute at saturation leaves behind, the disk and the vacuum are busy with for the next one.
  const paced = await measureAllPaced(scope, { ...measuring, screen });
  screen.close();
  const throughput = await measureAllThroughput(scope, { ...measuring, counts });
  const stored = await compareStored(driver, installation, plain);
  const figures = { throughput: describeThroughput(throughput), latency: describeLatencies(paced) };
  return {
    bench: "end-to-end",
    value: { ...figures.throughput.value, ...figures.latency.value, stored },
    limit: { name: "plain, 60 rows", perSecond: figures.throughput.plainRowsPerSecond },
    ratio: figures.throughput.ratio,
    p50Ms: figures.latency.p50Ms,
    p99Ms: figures.latency.p99Ms,
    conditions: {
      ...(await conditionsOf(installation, plain, options)),
      cpuSeconds: figures.throughput.cpuSeconds,
    },
  };
}

async function startDriver(
  scope: BenchScope,
  { gatewayUrl, operatorSocket }: BenchInstallation,
  devices: number,
): Promise<Driver> {
  const load = await startBenchProcess<LoadCalls>(scope, "./load/load-main", import.meta.url);
  scope.say(`Enrolling ${devices} devices ...`);
  await load.ask("enrol", { gatewayUrl, operatorSocket, devices });
  await load.ask("openSessions", devices);
  return { load, sent: { sealed: 0, rows: 0, jsonb: 0 } };
}

function pipelinesOf(installation: BenchInstallation, plain: PlainPipeline): readonly Pipeline[] {
  const { pids, ports } = installation;
  return [
    { kind: "sealed", port: ports.gateway, pids: { ...pids } },
    { kind: "rows", port: plain.port, pids: plain.pids },
    { kind: "jsonb", port: plain.port, pids: plain.pids },
  ];
}

interface Measuring {
  readonly pipelines: readonly Pipeline[];
  readonly driver: Driver;
  readonly options: EndToEndOptions;
}

/** Messages of one round of each pipeline. */
type Counts = ReadonlyMap<Pipeline["kind"], number>;

async function warmUp(
  { say }: BenchScope,
  { pipelines, driver, options }: Measuring,
): Promise<Counts> {
  const connections = options.devices;
  const counts = new Map<Pipeline["kind"], number>();
  for (const pipeline of pipelines) {
    say(`Warming up (${pipeline.kind}) ...`);
    const first = await measureThroughput(pipeline, { count: FIRST_MESSAGES, connections }, driver);
    const half = Math.ceil((first.perSecond * options.seconds) / 2);
    const warm = await measureThroughput(pipeline, { count: half, connections }, driver);
    counts.set(pipeline.kind, Math.ceil(warm.perSecond * options.seconds));
  }
  return counts;
}

async function measureAllThroughput(
  { say }: BenchScope,
  { pipelines, driver, options, counts }: Measuring & { readonly counts: Counts },
): Promise<ReadonlyMap<Pipeline["kind"], readonly ThroughputRound[]>> {
  const connections = options.devices;
  const rounds = new Map<Pipeline["kind"], ThroughputRound[]>();
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const pipeline of pipelines) {
      const count = counts.get(pipeline.kind) ?? FIRST_MESSAGES;
      const result = await measureThroughput(pipeline, { count, connections }, driver);
      rounds.set(pipeline.kind, [...(rounds.get(pipeline.kind) ?? []), result]);
      say(`Round ${round}, ${pipeline.kind}: ${Math.round(result.perSecond)} messages a second`);
    }
  }
  return rounds;
}

async function measureAllPaced(
  { say }: BenchScope,
  { pipelines, driver, options, screen }: Measuring & { readonly screen: LiveScreen },
): Promise<ReadonlyMap<Pipeline["kind"], readonly PacedRound[]>> {
  const perSecond = ENVELOPES_PER_SECOND;
  const phase = { perSecond, seconds: options.latencySeconds };
  const rounds = new Map<Pipeline["kind"], PacedRound[]>();
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const pipeline of pipelines) {
      say(`Round ${round}, ${pipeline.kind} at ${perSecond} messages a second ...`);
      const pace = { phase, connections: options.devices };
      const report = await measurePaced(pipeline, pace, driver);
      const shown = await screen.shown(report.receipts.map(({ messageId }) => messageId));
      const toScreen = shown.map((at, index) => at - (report.receipts[index]?.stored ?? NaN));
      const ofKind = rounds.get(pipeline.kind) ?? [];
      rounds.set(pipeline.kind, [...ofKind, { toAnswer: latenciesOf(report), toScreen }]);
    }
  }
  return rounds;
}

/** Whether all that was sent is there, once. */
async function compareStored(
  { sent }: Driver,
  { database }: BenchInstallation,
  plain: PlainPipeline,
): Promise<Record<string, BenchValue>> {
  const counts = {
    sealed: await database.count("SELECT count(*) FROM batches"),
    rows: await plain.database.count("SELECT count(*) FROM readings"),
    jsonb: await plain.database.count("SELECT count(*) FROM batches"),
  };
  const isComplete =
    counts.sealed === sent.sealed &&
    counts.rows === sent.rows * SAMPLES_PER_ENVELOPE &&
    counts.jsonb === sent.jsonb;
  if (!isComplete) throw new CliError("What is stored is not what was sent.");
  return { sealedMessages: counts.sealed, plainRows: counts.rows, plainJsonb: counts.jsonb };
}

async function conditionsOf(
  installation: BenchInstallation,
  plain: PlainPipeline,
  options: EndToEndOptions,
): Promise<Record<string, BenchValue>> {
  return {
    ...(await machineConditions()),
    ...(await installationConditions(installation)),
    plainDatabase: { ...(await plain.database.conditions()) },
    ...options,
    samplesPerMessage: SAMPLES_PER_ENVELOPE,
    connections: options.devices,
    plainPool: PLAIN_POOL,
    latencyPerSecond: ENVELOPES_PER_SECOND,
    gatewaySettings: GATEWAY_SETTINGS,
    hospitalSettings: HOSPITAL_SETTINGS,
    load:
      "one process beside the servers on the same machine; envelopes signed and sealed beforehand; at saturation receipts are " +
      "verified after the clock has stopped, at the fixed rate as they arrive; mailboxes are not read; no screen is open at saturation",
    cpuCounted:
      "of the server processes from the first sending to the last answer; what the databases do later (vacuum, checkpoints) is not counted",
    latency: "from the moment when a message should have been sent",
    screen:
      "from `stored` of the receipt, the hospital's clock just before it writes and commits, to the last byte of the live event",
  };
}
