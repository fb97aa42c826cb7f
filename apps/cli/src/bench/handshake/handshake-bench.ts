import { CliError } from "../../cli-error.ts";
import { startCryptoCores } from "../crypto/crypto-cores.ts";
import type { CryptoCores } from "../crypto/crypto-cores.ts";
import { installationConditions, machineConditions } from "../harness/bench-conditions.ts";
import { startBenchInstallation } from "../harness/bench-installation.ts";
import type { BenchInstallation } from "../harness/bench-installation.ts";
import { startBenchProcess } from "../harness/bench-process.ts";
import type { BenchProcess } from "../harness/bench-process.ts";
import type { BenchResult } from "../harness/bench-result.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { measureCpu } from "../harness/cpu-accounting.ts";
import { median, percentile, rounded } from "../harness/statistics.ts";
import type { HandshakeClientCalls } from "./handshake-client.ts";

/** How `siphms bench handshake` was called. */
export interface HandshakeBenchOptions {
  /** Of one round. */
  readonly seconds: number;
  readonly rounds: number;
  readonly devices: number;
  /** Processes that play devices. */
  readonly clients: number;
  /** Handshakes under way at once, over all clients. */
  readonly atOnce: number;
}

/** All devices come from one address, which the gateway otherwise tells to slow down. */
const GATEWAY = { SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: "10000000" };
const WARM_UP_MS = 2_000;
const LIMIT_MS = 500;
const MESSAGE_BYTES = 384;
const SESSIONS = "SELECT count(*) FROM sessions";

interface Bench {
  readonly installation: BenchInstallation;
  readonly clients: readonly BenchProcess<HandshakeClientCalls>[];
  readonly cores: CryptoCores;
}

interface Round {
  readonly handshakes: number;
  readonly perSecond: number;
  readonly limitPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds by process. */
  readonly cpu: Readonly<Record<"hospital" | "postgres" | "gateway" | "clients", number>>;
}

/**
 * Measures complete handshakes of enrolled devices through the real gateway and the real hospital, by the hospital's CPU time.
 *
 * @throws {CliError} when a handshake fails, or the database holds another number of sessions than were opened.
 */
export async function runHandshakeBench(
  scope: BenchScope,
  options: HandshakeBenchOptions,
): Promise<BenchResult> {
  const { seconds, rounds } = options;
  const bench = await start(scope, options);
  const atOnce = Math.ceil(options.atOnce / options.clients);
  await shake(bench, { forMs: WARM_UP_MS, atOnce });
  const measured: Round[] = [];
  for (let number = 1; number <= rounds; number += 1) {
    const limitBefore = await responderLimit(bench.cores);
    const round = await shake(bench, { forMs: seconds * 1_000, atOnce });
    const limitPerSecond = (limitBefore + (await responderLimit(bench.cores))) / 2;
    measured.push({ ...round, limitPerSecond });
    const perCore = Math.round(round.handshakes / round.cpu.hospital);
    scope.say(
      `Round ${number}: ${Math.round(round.perSecond)} handshakes/s, ${perCore} per core of hospital`,
    );
  }
  return resultOf(measured, {
    ...options,
    ...GATEWAY,
    ...(await machineConditions()),
    ...(await installationConditions(bench.installation)),
  });
}

async function start(scope: BenchScope, options: HandshakeBenchOptions): Promise<Bench> {
  const cores = startCryptoCores(scope, 1);
  const installation = await startBenchInstallation(scope, { gateway: GATEWAY });
  const { operatorSocket, gatewayUrl } = installation;
  const clients: BenchProcess<HandshakeClientCalls>[] = [];
  const devices = Math.ceil(options.devices / options.clients);
  scope.say(`Enrolling ${devices * options.clients} devices ...`);
  for (let number = 1; number <= options.clients; number += 1) {
    const client = await startBenchProcess<HandshakeClientCalls>(
      scope,
      "handshake-client-main",
      import.meta.url,
    );
    const prefix = `CLIENT-${number}`;
    await client.ask("enrol", { operatorSocket, gatewayUrl, devices, prefix });
    clients.push(client);
  }
  return { installation, clients, cores };
}

/** The responder's half in memory, by the synchronous node:crypto, on one core: what its cryptography costs at least. */
function responderLimit({ measure }: CryptoCores): Promise<number> {
  const task = { adapter: "nodeCrypto", operation: "responder", bytes: MESSAGE_BYTES } as const;
  return measure(task, { cores: 1, forMs: LIMIT_MS });
}

async function shake(
  { installation, clients }: Bench,
  input: { readonly forMs: number; readonly atOnce: number },
): Promise<Omit<Round, "limitPerSecond">> {
  const { pids, database } = installation;
  const sessionsBefore = await database.count(SESSIONS);
  const byClient = clients.map(({ pid }, index): [string, number] => [`client ${index}`, pid]);
  const processes = {
    hospital: pids.hospital,
    postgres: pids.postgres,
    gateway: pids.gateway ?? 0,
    ...Object.fromEntries(byClient),
  };
  const { cpu, seconds, result } = await measureCpu(processes, () =>
    Promise.all(clients.map((client) => client.ask("run", input))),
  );
  const tookMs = Float64Array.from(result.flatMap((one) => [...one]));
  const sessions = (await database.count(SESSIONS)) - sessionsBefore;
  if (sessions !== tookMs.length) {
    throw new CliError(`Opened ${tookMs.length} sessions, stored ${sessions}: not the same.`);
  }
  const { hospital, postgres, gateway, ...others } = cpu;
  return {
    handshakes: tookMs.length,
    perSecond: tookMs.length / seconds,
    p50Ms: percentile(tookMs, 50),
    p99Ms: percentile(tookMs, 99),
    cpu: {
      hospital,
      postgres,
      gateway,
      clients: Object.values<number>(others).reduce((sum, one) => sum + one, 0),
    },
  };
}

function resultOf(rounds: readonly Round[], conditions: BenchResult["conditions"]): BenchResult {
  const middle = (of: (round: Round) => number): number => rounded(median(rounds.map(of)));
  const eachOf = (of: (name: keyof Round["cpu"]) => number) => ({
    hospital: of("hospital"),
    postgres: of("postgres"),
    gateway: of("gateway"),
    clients: of("clients"),
  });
  return {
    bench: "handshake",
    value: {
      perHospitalCpuSecond: middle(({ handshakes, cpu }) => handshakes / cpu.hospital),
      perHospitalAndPostgresCpuSecond: middle(
        ({ handshakes, cpu }) => handshakes / (cpu.hospital + cpu.postgres),
      ),
      handshakesPerSecond: middle(({ perSecond }) => perSecond),
      cpuMicrosecondsPerHandshake: eachOf((name) =>
        middle(({ handshakes, cpu }) => (cpu[name] / handshakes) * 1e6),
      ),
    },
    limit: {
      name: "the responder's half in memory, sync node:crypto on one core",
      perSecond: middle(({ limitPerSecond }) => limitPerSecond),
    },
    ratio: middle(
      ({ handshakes, cpu, limitPerSecond }) => handshakes / cpu.hospital / limitPerSecond,
    ),
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p99Ms: middle(({ p99Ms }) => p99Ms),
    conditions: {
      ...conditions,
      handshakes: rounds.map(({ handshakes }) => handshakes),
      cpuSeconds: eachOf((name) => middle(({ cpu }) => cpu[name])),
    },
  };
}
