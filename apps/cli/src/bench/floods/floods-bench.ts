import path from "node:path";

import { resolveSocket } from "@siphms/server-kit";

import { CliError } from "../../cli-error.ts";
import { systemClock } from "../../device-state/system-clock.ts";
import { sendJson } from "../../installation/json-http.ts";
import { layoutOf } from "../../installation/layout.ts";
import { measureThroughput } from "../end-to-end-pipelines.ts";
import type { Driver, Pipeline } from "../end-to-end-pipelines.ts";
import { installationConditions, machineConditions } from "../harness/bench-conditions.ts";
import { startBenchInstallation } from "../harness/bench-installation.ts";
import type { BenchInstallation } from "../harness/bench-installation.ts";
import { startBenchProcess } from "../harness/bench-process.ts";
import type { BenchProcess } from "../harness/bench-process.ts";
import type { BenchResult, BenchValue } from "../harness/bench-result.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { measureCpu } from "../harness/cpu-accounting.ts";
import type { LoadCalls } from "../load/load-calls.ts";
import { familyMemory } from "../scale-memory.ts";
import { attacksOf } from "./attacks.ts";
import type { Attack } from "./attacks.ts";
import type { FloodCalls, FloodPlan, FloodReport } from "./flood-calls.ts";
import { describeFloods } from "./floods-figures.ts";
import type { AttackRound } from "./floods-figures.ts";

/** How `siphms bench floods` measures. */
export interface FloodsOptions {
  /** Length of each stretch with load, about. */
  readonly seconds: number;
  readonly rounds: number;
  /** Honest devices, each with a session and a connection of its own. */
  readonly devices: number;
  /** Requests a second of an attacker. */
  readonly rate: number;
  /** Mailbox waits at once. */
  readonly waits: number;
  /** Only attacks whose name begins so; all, where it is empty. */
  readonly only: string;
}

/** The most that a pass can allow: honest devices send as fast as they are served. */
const HOSPITAL_SETTINGS = { SIPHMS_HOSPITAL_ENVELOPES_PER_MINUTE: "6000" };
const FIRST_MESSAGES = 256;
const ALONE_MS = 1_500;
const HOLD_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 100;
/** A flood runs for so long before it is measured. */
const SETTLE_MS = 500;
const MEBIBYTE = 1_048_576;
const FIRST_NETWORK = 100;
const NETWORKS = 100;

interface Bench {
  readonly scope: BenchScope;
  readonly installation: BenchInstallation;
  readonly pipeline: Pipeline;
  readonly driver: Driver;
  readonly attacker: BenchProcess<FloodCalls>;
  readonly newcomers: BenchProcess<FloodCalls>;
  readonly options: FloodsOptions;
  /** Addresses that no attack has used yet. */
  readonly nextNetwork: () => number;
}

/**
 * Measures what floods take from honest devices that have sessions, and what each refusal costs.
 *
 * For each attack in turn: the attack alone, for its cost; honest devices as fast as they are served while it goes on; and the same
 * while the attacker only burns the CPU that it used. The last two are compared: what the attacker takes from the machine by being
 * on it is not the servers' fault.
 *
 * @throws {CliError} unless every honest message is stored and its receipt verified, during every attack.
 */
export async function runFloodsBench(
  scope: BenchScope,
  options: FloodsOptions,
): Promise<BenchResult> {
  const bench = await start(scope, options);
  const connections = options.devices;
  const honest = (count: number) =>
    measureThroughput(bench.pipeline, { count, connections }, bench.driver);
  scope.say("Warming up ...");
  const first = await honest(FIRST_MESSAGES);
  const warm = await honest(Math.ceil(first.perSecond * options.seconds));
  const count = Math.ceil(warm.perSecond * options.seconds);
  const attacks = attacksOf(options).filter(({ name }) => name.startsWith(options.only));
  if (attacks.length === 0) throw new CliError(`There is no attack ${options.only}.`);
  const rounds: AttackRound[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const undisturbed = (await honest(count)).perSecond;
    scope.say(`Round ${round}: ${Math.round(undisturbed)} honest messages a second undisturbed`);
    for (const attack of attacks) {
      const result = await measureAttack(bench, attack, () => honest(count));
      rounds.push({ ...result, undisturbed });
      const share = Math.round((100 * result.attacked) / result.control);
      scope.say(`Round ${round}, ${attack.name}: honest devices keep ${share} %`);
    }
  }
  await checkStored(bench);
  const figures = describeFloods(rounds);
  return {
    bench: "floods",
    value: figures.value,
    limit: null,
    ratio: figures.leastRatio,
    p50Ms: null,
    p99Ms: null,
    conditions: await conditionsOf(bench),
  };
}

async function start(scope: BenchScope, options: FloodsOptions): Promise<Bench> {
  const installation = await startBenchInstallation(scope, { hospital: HOSPITAL_SETTINGS });
  const { gatewayUrl, operatorSocket, pids, ports } = installation;
  const load = await startBenchProcess<LoadCalls>(scope, "../load/load-main", import.meta.url);
  scope.say(`Enrolling ${options.devices} devices ...`);
  await load.ask("enrol", { gatewayUrl, operatorSocket, devices: options.devices });
  await load.ask("openSessions", options.devices);
  const attacker = await startBenchProcess<FloodCalls>(scope, "./flood-main", import.meta.url);
  const newcomers = await startBenchProcess<FloodCalls>(scope, "./flood-main", import.meta.url);
  let network = 0;
  scope.say(`Opening ${options.waits} sessions for the attacker ...`);
  await attacker.ask("prepare", { gatewayUrl, operatorSocket, sessions: options.waits });
  await newcomers.ask("prepare", { gatewayUrl, operatorSocket, sessions: 1 });
  return {
    scope,
    installation,
    pipeline: { kind: "sealed", port: ports.gateway, pids: { ...pids } },
    driver: { load, sent: { sealed: 0, rows: 0, jsonb: 0 } },
    attacker,
    newcomers,
    options,
    nextNetwork: () => FIRST_NETWORK + (network++ % NETWORKS),
  };
}

type Honest = () => ReturnType<typeof measureThroughput>;

async function measureAttack(
  bench: Bench,
  attack: Attack,
  honest: Honest,
): Promise<Omit<AttackRound, "undisturbed">> {
  const { attacker, newcomers, installation } = bench;
  const before = await readRefusals(bench);
  const plan = { ...attack.plan, network: bench.nextNetwork() };
  await attacker.ask("begin", plan);
  await held(bench, attack);
  await newcomers.ask("beginNewcomers", null);
  const during = await measureCpu({ attacker: attacker.pid }, honest);
  const memory = {
    gateway: await mebibytes(installation.pids.gateway),
    hospital: await mebibytes(installation.pids.hospital),
  };
  const came = await newcomers.ask("endNewcomers", null);
  const report = await attacker.ask("end", null);
  const alone = await measureAlone(bench, plan);
  const refusedFor = difference(before, await readRefusals(bench));
  await attacker.ask("beginBurning", during.cpu.attacker / during.seconds);
  await newcomers.ask("beginNewcomers", null);
  const control = await honest();
  const cameBeside = await newcomers.ask("endNewcomers", null);
  await attacker.ask("endBurning", null);
  return {
    attack: attack.name,
    attacked: during.result.perSecond,
    control: control.perSecond,
    attackerCores: during.cpu.attacker / during.seconds,
    report,
    cost: alone,
    refusedFor,
    newcomers: { during: came, control: cameBeside },
    memory,
  };
}

/**
 * CPU microseconds of each server for each request of the attack, or for each connection, while there is nothing else to do: from the
 * same addresses, which have used up by now what they may.
 */
async function measureAlone(
  { attacker, installation, scope }: Bench,
  plan: FloodPlan,
): Promise<AttackRound["cost"]> {
  const pids: Record<string, number> = { ...installation.pids };
  const { cpu, result } = await measureCpu(pids, async (): Promise<FloodReport> => {
    await attacker.ask("begin", plan);
    await systemClock.sleep(ALONE_MS, scope.signal);
    return attacker.ask("end", null);
  });
  const count = Math.max(1, result.refused + result.held);
  return Object.fromEntries(
    Object.entries(cpu).map(([name, seconds]) => [name, (seconds * 1e6) / count]),
  );
}

/** Lets an attack get going; where it holds connections, until it holds them. */
async function held({ scope, installation }: Bench, { plan, holds }: Attack): Promise<void> {
  const limit = systemClock.monotonic() + (holds ? HOLD_LIMIT_MS : SETTLE_MS);
  const enough = Math.ceil((plan.connections * 95) / 100);
  for (;;) {
    if (holds && (await readMetric(installation, "siphms_gateway_connections")) >= enough) return;
    if (systemClock.monotonic() >= limit) return;
    await systemClock.sleep(LOOK_EVERY_MS, scope.signal);
  }
}

async function mebibytes(pid: number | undefined): Promise<number> {
  return pid === undefined ? 0 : (await familyMemory(pid)) / MEBIBYTE;
}

/** What gateway and hospital have refused since they started, by reason. */
async function readRefusals({
  installation,
}: Pick<Bench, "installation">): Promise<ReadonlyMap<string, number>> {
  const refusals = new Map<string, number>();
  const pattern = /^siphms_gateway_refused_total\{reason="([\w-]+)"\} (\d+)$/gm;
  for (const [, reason, count] of (await readMetrics(installation)).matchAll(pattern)) {
    refusals.set(`gateway ${reason ?? ""}`, Number(count));
  }
  const { refused } = await installation.operator.counters();
  for (const [reason, count] of Object.entries(refused)) refusals.set(`hospital ${reason}`, count);
  return refusals;
}

async function readMetric(installation: BenchInstallation, name: string): Promise<number> {
  const value = new RegExp(`^${name} (\\d+)$`, "m").exec(await readMetrics(installation))?.[1];
  if (value === undefined) throw new CliError(`The gateway has no metric ${name}.`);
  return Number(value);
}

async function readMetrics({ data }: BenchInstallation): Promise<string> {
  const socketPath = resolveSocket(path.join(layoutOf(data).run, "gateway.sock"));
  return (await sendJson({ socketPath }, { method: "GET", path: "/metrics" })).body;
}

function difference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  const more = [...after].map(([reason, count]): [string, number] => [
    reason,
    count - (before.get(reason) ?? 0),
  ]);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}

/** Nothing of the honest devices is lost, and nothing is stored twice. */
async function checkStored({ driver, installation }: Bench): Promise<void> {
  const stored = await installation.database.count("SELECT count(*) FROM batches");
  if (stored !== driver.sent.sealed) {
    throw new CliError(`${driver.sent.sealed} messages were sent and ${stored} are stored.`);
  }
}

async function conditionsOf({
  installation,
  options,
  driver,
}: Bench): Promise<Record<string, BenchValue>> {
  return {
    ...(await machineConditions()),
    ...(await installationConditions(installation)),
    ...options,
    honestMessages: driver.sent.sealed,
    hospitalSettings: HOSPITAL_SETTINGS,
    gatewaySettings: "as they are without any",
    ratio:
      "honest messages a second during the attack, divided by those while the attacker burns as much CPU without sending",
    cost: "CPU of the servers while the attack goes on alone, for each request, or connection where those are what is held",
    attacker: "a process on the same machine, from addresses of 127.0.0.0/8",
  };
}
