import { readFile } from "node:fs/promises";

import { CliError } from "../cli-error.ts";
import { systemClock } from "../device-state/system-clock.ts";
import type { BenchProcess } from "./harness/bench-process.ts";
import type { BenchValue } from "./harness/bench-result.ts";
import { measureCpu } from "./harness/cpu-accounting.ts";
import { rounded } from "./harness/statistics.ts";
import type { LoadCalls, LoadPace } from "./load/load-calls.ts";
import type { LoadReport } from "./load/load-run.ts";
import { scheduleOf } from "./load/schedule.ts";
import type { LoadPhase } from "./load/schedule.ts";
import type { ScaleBench } from "./scale-idle.ts";
import { describeStretch, RECOVERY_WINDOW_MS, recoveryMs, stretchValue } from "./scale-load.ts";
import type { Stretch } from "./scale-load.ts";

/** The scale bench with a process that sends; the idle sessions are the other one's. */
export interface OverloadBench extends ScaleBench {
  readonly sender: BenchProcess<LoadCalls>;
}

/** Loads as shares of saturation. */
const SHARES = [0.25, 0.5, 0.75, 1, 1.5, 2] as const;
const LATENCY_SHARE = 0.5;
const OVERLOAD_SHARE = 2;
/** After an overload so many times its length are watched. */
const AFTERWARDS = 3;
/** At saturation: enough to fill the largest groups on the way, one that is stored and one that is opened meanwhile. */
const CONNECTIONS = 512;
const MAX_CONNECTIONS = 8_000;
/** For what else a process has open. */
const SPARE_FILES = 500;
/** Several for each connection: fewer would measure the first answer of each. */
const FIRST_MESSAGES = 8 * CONNECTIONS;
/** What a device asks its gateway to wait, and how long it waits for the answer itself. */
const WAIT_SECONDS = 10;
const STORED_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** What a result says about how the load was made. */
export const OVERLOAD_CONDITIONS = {
  connectionsAtSaturation: CONNECTIONS,
  waitSeconds: WAIT_SECONDS,
  recoveryWindowMs: RECOVERY_WINDOW_MS,
  load:
    "beside the servers on the same machine one process that holds the mailbox waits of the idle sessions and one that sends, in " +
    "sessions of its own, which it takes in turn; envelopes signed and sealed beforehand; open loop; receipts are verified after each step; latency from the moment when " +
    "an envelope should have been sent to the whole answer",
} as const;

/** Sums over the whole load. */
interface Counts {
  sent: number;
  /** Answered with a receipt or with 202. */
  acknowledged: number;
  readonly cpuSeconds: Record<string, number>;
}

interface Step extends Stretch {
  readonly share: number;
  readonly offeredPerSecond: number;
  /** CPU seconds a second of each process, from the first sending to the last answer. */
  readonly cores: Readonly<Record<string, number>>;
}

/** What {@link measureOverload} found. */
export interface OverloadFigures {
  readonly value: Record<string, BenchValue>;
  readonly peakPerSecond: number;
  /** The least that was achieved beyond saturation, as a share of the peak. */
  readonly ratio: number;
  /** At half of saturation. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Of each process over the whole load. */
  readonly cpuSeconds: Record<string, number>;
}

/**
 * Measures latency against load, first finding saturation, and how an overload passes.
 *
 * @throws {CliError} unless everything that was acknowledged is stored in the end.
 */
export async function measureOverload(
  bench: OverloadBench,
  options: { readonly sessions: readonly number[]; readonly seconds: number },
): Promise<OverloadFigures> {
  const sessions = options.sessions.at(-1) ?? 0;
  const maxConnections = await connectionLimit(sessions);
  const counts: Counts = { sent: 0, acknowledged: 0, cpuSeconds: {} };
  await bench.sender.ask("openSessions", CONNECTIONS);
  const saturation = await findSaturation(bench, options.seconds, counts);
  const load: Load = { saturation, seconds: options.seconds, maxConnections };
  const steps: Step[] = [];
  for (const share of SHARES) steps.push(await measureStep(bench, { ...load, share }, counts));
  const recovery = await measureRecovery(bench, load, counts);
  const stored = await compareStored(bench, counts);
  const port = bench.installation.ports.gateway;
  const waits = await bench.load.ask("holdWaits", { port, count: sessions });
  const peakPerSecond = Math.max(saturation, ...steps.map((step) => step.achievedPerSecond));
  const beyond = steps.filter(({ share }) => share > 1).map((step) => step.achievedPerSecond);
  const usual = steps.find(({ share }) => share === LATENCY_SHARE);
  return {
    value: {
      saturationPerSecond: rounded(saturation),
      maxConnections,
      load: Object.fromEntries(steps.map((step) => [`${step.share * 100} %`, stepValue(step)])),
      recovery,
      stored,
      mailboxWaitsRefused: waits.failed,
    },
    peakPerSecond: rounded(peakPerSecond),
    ratio: rounded(Math.min(...beyond) / peakPerSecond),
    p50Ms: usual?.p50Ms ?? null,
    p99Ms: usual?.p99Ms ?? null,
    cpuSeconds: counts.cpuSeconds,
  };
}

/** Receipts a second in a closed loop, the second time: the first makes the programs warm. */
async function findSaturation(
  bench: OverloadBench,
  seconds: number,
  counts: Counts,
): Promise<number> {
  bench.scope.say("Finding saturation ...");
  const first = await sendAll(bench, FIRST_MESSAGES, counts);
  return sendAll(bench, Math.max(FIRST_MESSAGES, Math.ceil(first * seconds)), counts);
}

async function sendAll(bench: OverloadBench, count: number, counts: Counts): Promise<number> {
  await prepare(bench, count);
  const { report } = await send(bench, { kind: "saturate", connections: CONNECTIONS }, counts);
  return count / report.seconds;
}

interface Load {
  /** Receipts a second. */
  readonly saturation: number;
  readonly seconds: number;
  readonly maxConnections: number;
}

async function measureStep(
  bench: OverloadBench,
  { saturation, seconds, maxConnections, share }: Load & { readonly share: number },
  counts: Counts,
): Promise<Step> {
  const perSecond = saturation * share;
  const phases = [{ perSecond, seconds }];
  const { report, cores } = await sendPhases(bench, { phases, maxConnections }, counts);
  const stretch = describeStretch(report, 0, seconds * 1_000);
  const percent = share * 100;
  bench.scope.say(`${percent} % of saturation: ${stretch.achievedPerSecond} receipts a second`);
  return { share, offeredPerSecond: rounded(perSecond), cores, ...stretch };
}

async function measureRecovery(
  bench: OverloadBench,
  { saturation, seconds, maxConnections }: Load,
  counts: Counts,
): Promise<Record<string, BenchValue>> {
  bench.scope.say("An overload, and what follows it ...");
  const perSecond = saturation * LATENCY_SHARE;
  const phases = [
    { perSecond, seconds },
    { perSecond: saturation * OVERLOAD_SHARE, seconds },
    { perSecond, seconds: seconds * AFTERWARDS },
  ];
  const { report } = await sendPhases(bench, { phases, maxConnections }, counts);
  const overloadFromMs = seconds * 1_000;
  const overloadToMs = 2 * overloadFromMs;
  const endMs = overloadToMs + AFTERWARDS * overloadFromMs;
  return {
    shares: [LATENCY_SHARE, OVERLOAD_SHARE, LATENCY_SHARE],
    before: stretchValue(describeStretch(report, 0, overloadFromMs)),
    during: stretchValue(describeStretch(report, overloadFromMs, overloadToMs)),
    after: stretchValue(describeStretch(report, overloadToMs, endMs)),
    recoveredAfterMs: recoveryMs(report, { overloadFromMs, overloadToMs, endMs }),
  };
}

async function sendPhases(
  bench: OverloadBench,
  load: { readonly phases: readonly LoadPhase[]; readonly maxConnections: number },
  counts: Counts,
): Promise<Sent> {
  await prepare(bench, scheduleOf(load.phases).length);
  return send(bench, { kind: "paced", ...load, verify: "afterwards" }, counts);
}

interface Sent {
  readonly report: LoadReport;
  readonly cores: Readonly<Record<string, number>>;
}

async function send(
  { installation, sender }: OverloadBench,
  pace: LoadPace,
  counts: Counts,
): Promise<Sent> {
  const pids: Record<string, number> = { ...installation.pids };
  const { result, cpu } = await measureCpu(pids, () => sender.ask("send", pace));
  const { status, seconds, cpuSeconds } = result;
  counts.sent += status.length;
  counts.acknowledged += status.filter((code) => code === 200 || code === 202).length;
  const cores: Record<string, number> = {};
  for (const [name, used] of Object.entries({ ...cpu, generator: cpuSeconds })) {
    counts.cpuSeconds[name] = rounded((counts.cpuSeconds[name] ?? 0) + used);
    cores[name] = rounded(used / seconds, 3);
  }
  return { report: result, cores };
}

function stepValue({ offeredPerSecond, cores, achievedPerSecond, ...rest }: Step): BenchValue {
  const { p50Ms, p99Ms, answers } = rest;
  const stretch = stretchValue({ achievedPerSecond, p50Ms, p99Ms, answers });
  return { offeredPerSecond, ...stretch, cores };
}

async function prepare({ sender, installation }: OverloadBench, count: number): Promise<void> {
  const port = installation.ports.gateway;
  await sender.ask("prepare", { kind: "sealed", port, count, waitSeconds: WAIT_SECONDS });
}

/** Waits until everything that was acknowledged is stored. @throws {CliError} when it is not. */
async function compareStored(
  { installation, scope }: ScaleBench,
  { sent, acknowledged }: Counts,
): Promise<Record<string, BenchValue>> {
  const deadline = systemClock.monotonic() + STORED_LIMIT_MS;
  for (;;) {
    const stored = await installation.database.count("SELECT count(*) FROM batches");
    if (stored > sent) throw new CliError("More is stored than was sent.");
    if (stored >= acknowledged) return { sent, acknowledged, stored };
    if (systemClock.monotonic() > deadline) {
      throw new CliError(`${acknowledged - stored} acknowledged envelopes are not stored.`);
    }
    await systemClock.sleep(LOOK_EVERY_MS, scope.signal);
  }
}

/** How many connections the generator may open at once beside the waits. @throws {CliError} when the system allows too few files. */
async function connectionLimit(sessions: number): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8");
  const files = Number(/^Max open files +(\d+)/m.exec(limits)?.[1]);
  const left = files - sessions - SPARE_FILES;
  if (left < CONNECTIONS) {
    throw new CliError(
      `A process may open ${files} files here, too few for ${sessions} sessions: raise the limit (ulimit -n) or give fewer.`,
    );
  }
  return Math.min(MAX_CONNECTIONS, left);
}
