import { availableParallelism } from "node:os";

import { CliError } from "../../cli-error.ts";
import {
  measureSignatureLimit,
  SIGNATURE_LIMIT,
  startCryptoCores,
} from "../crypto/crypto-cores.ts";
import type { CryptoCores } from "../crypto/crypto-cores.ts";
import { installationConditions, machineConditions } from "../harness/bench-conditions.ts";
import { SAMPLES_PER_ENVELOPE } from "../harness/bench-envelopes.ts";
import { startBenchInstallation } from "../harness/bench-installation.ts";
import type { BenchInstallation } from "../harness/bench-installation.ts";
import { startBenchProcess } from "../harness/bench-process.ts";
import type { BenchProcess } from "../harness/bench-process.ts";
import type { BenchResult } from "../harness/bench-result.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { measureCpu } from "../harness/cpu-accounting.ts";
import { median, rounded } from "../harness/statistics.ts";
import type { FeederCalls } from "./feeder.ts";

/** How `siphms bench ingest` was called. */
export interface IngestBenchOptions {
  /** Of one round, about. */
  readonly seconds: number;
  readonly rounds: number;
  readonly devices: number;
}

/** Envelopes of the first look at how fast it goes. */
const FIRST_GUESS = 2_000;
/** Sizes of what is fed before the first round: engine and caches get warm, and the size of a round is found. */
const WARM_UP_SECONDS = [0.5, 2];

interface Bench {
  readonly installation: BenchInstallation;
  readonly feeder: BenchProcess<FeederCalls>;
  readonly cores: CryptoCores;
}

interface Fed {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly envelopeBytes: number;
  readonly sent: number;
  readonly answered: number;
  readonly verified: number;
  readonly stored: number;
  /** CPU seconds by process. */
  readonly cpu: Readonly<Record<"hospital" | "postgres" | "stubGateway", number>>;
}

interface Round extends Fed {
  readonly limitPerSecond: number;
}

/**
 * Measures how many envelopes a second a running hospital takes in, verified, stored and receipted, against what the machine's
 * signatures allow.
 *
 * @throws {CliError} when an envelope is not answered, a receipt is wrong, or the database holds another number than was sent.
 */
export async function runIngestBench(
  scope: BenchScope,
  options: IngestBenchOptions,
): Promise<BenchResult> {
  const bench = await start(scope, options.devices);
  let envelopes = FIRST_GUESS;
  for (const seconds of [...WARM_UP_SECONDS, options.seconds]) {
    const { perSecond } = await feed(bench, envelopes);
    scope.say(`Warming up: ${Math.round(perSecond)} envelopes/s`);
    envelopes = Math.ceil(perSecond * seconds);
  }
  const rounds: Round[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    const round = await measureRound(bench, envelopes);
    rounds.push(round);
    const { perSecond, limitPerSecond } = round;
    const ratio = (perSecond / limitPerSecond).toFixed(3);
    scope.say(`Round ${number}: ${Math.round(perSecond)} envelopes/s, ratio ${ratio}`);
  }
  return resultOf(rounds, { ...options, ...(await conditionsOf(bench)) });
}

async function start(scope: BenchScope, devices: number): Promise<Bench> {
  const cores = startCryptoCores(scope, availableParallelism());
  const feeder = await startBenchProcess<FeederCalls>(scope, "feeder-main", import.meta.url);
  const stubGatewayPort = await feeder.ask("port", undefined);
  const installation = await startBenchInstallation(scope, { stubGatewayPort });
  scope.say(`Enrolling ${devices} devices ...`);
  await feeder.ask("enrol", { operatorSocket: installation.operatorSocket, devices });
  return { installation, feeder, cores };
}

/** The limit is looked at as closely as can be: other load on the machine changes from minute to minute. */
async function measureRound(bench: Bench, envelopes: number): Promise<Round> {
  let limitBefore = 0;
  const fed = await feed(bench, envelopes, async (envelopeBytes) => {
    limitBefore = await measureSignatureLimit(bench.cores, envelopeBytes);
  });
  const limitAfter = await measureSignatureLimit(bench.cores, fed.envelopeBytes);
  return { ...fed, limitPerSecond: (limitBefore + limitAfter) / 2 };
}

/** @param justBefore - Runs when everything is prepared. */
async function feed(
  { installation, feeder }: Bench,
  envelopes: number,
  justBefore?: (envelopeBytes: number) => Promise<void>,
): Promise<Fed> {
  const { pids, database } = installation;
  const envelopeBytes = await feeder.ask("prepare", { envelopes });
  const storedBefore = await database.count(STORED);
  await justBefore?.(envelopeBytes);
  const processes = { hospital: pids.hospital, postgres: pids.postgres, stubGateway: feeder.pid };
  const { cpu, result } = await measureCpu(processes, () => feeder.ask("feed", undefined));
  const stored = (await database.count(STORED)) - storedBefore;
  const { answered, seconds, ...more } = result;
  if (answered !== envelopes || stored !== envelopes) {
    throw new CliError(`Sent ${envelopes}, answered ${answered}, stored ${stored}: not the same.`);
  }
  const perSecond = answered / seconds;
  return { perSecond, ...more, envelopeBytes, sent: envelopes, answered, stored, cpu };
}

/** Stored as a whole: what came into quarantine would be another amount of work. */
const STORED = "SELECT count(*) FROM batches WHERE outcome = 0 AND NOT late";

async function conditionsOf({ installation }: Bench) {
  return { ...(await machineConditions()), ...(await installationConditions(installation)) };
}

function resultOf(rounds: readonly Round[], conditions: BenchResult["conditions"]): BenchResult {
  const middle = (of: (round: Round) => number): number => rounded(median(rounds.map(of)));
  const total = (of: (round: Round) => number): number =>
    rounds.map(of).reduce((sum, one) => sum + one, 0);
  const microseconds = (name: keyof Round["cpu"]): number =>
    middle(({ cpu, sent }) => (cpu[name] / sent) * 1e6);
  return {
    bench: "ingest",
    value: {
      envelopesPerSecond: middle(({ perSecond }) => perSecond),
      samplesPerSecond: middle(({ perSecond }) => perSecond * SAMPLES_PER_ENVELOPE),
      cpuMicrosecondsPerEnvelope: {
        hospital: microseconds("hospital"),
        postgres: microseconds("postgres"),
        stubGateway: microseconds("stubGateway"),
      },
      envelopes: {
        sent: total(({ sent }) => sent),
        answered: total(({ answered }) => answered),
        stored: total(({ stored }) => stored),
        receiptsVerified: total(({ verified }) => verified),
      },
      ratios: rounds.map(({ perSecond, limitPerSecond }) => rounded(perSecond / limitPerSecond)),
    },
    limit: { name: SIGNATURE_LIMIT, perSecond: middle(({ limitPerSecond }) => limitPerSecond) },
    ratio: middle(({ perSecond, limitPerSecond }) => perSecond / limitPerSecond),
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p99Ms: middle(({ p99Ms }) => p99Ms),
    conditions: {
      ...conditions,
      envelopeBytes: middle(({ envelopeBytes }) => envelopeBytes),
      samplesPerEnvelope: SAMPLES_PER_ENVELOPE,
      cpuSeconds: {
        hospital: middle(({ cpu }) => cpu.hospital),
        postgres: middle(({ cpu }) => cpu.postgres),
        stubGateway: middle(({ cpu }) => cpu.stubGateway),
      },
    },
  };
}
