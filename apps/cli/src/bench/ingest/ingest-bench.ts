import { availableParallelism } from "node:os";

import {
  measureSignatureLimit,
  SIGNATURE_LIMIT,
  startCryptoCores,
} from "../crypto/crypto-cores.ts";
import type { CryptoCores } from "../crypto/crypto-cores.ts";
import { installationConditions, machineConditions } from "../harness/bench-conditions.ts";
import { SAMPLES_PER_ENVELOPE } from "../harness/bench-envelopes.ts";
import type { BenchResult } from "../harness/bench-result.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { median, rounded } from "../harness/statistics.ts";
import { feedEnvelopes, startIngestLoad, warmUp } from "./ingest-load.ts";
import type { Fed, IngestLoad } from "./ingest-load.ts";

/** How `siphms bench ingest` was called. */
export interface IngestBenchOptions {
  /** Of one round, about. */
  readonly seconds: number;
  readonly rounds: number;
  readonly devices: number;
}

interface Bench extends IngestLoad {
  readonly cores: CryptoCores;
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
  const envelopes = await warmUp(scope, bench, options.seconds);
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
  return { ...(await startIngestLoad(scope, { devices })), cores };
}

/** The limit is looked at as closely as can be: other load on the machine changes from minute to minute. */
async function measureRound(bench: Bench, envelopes: number): Promise<Round> {
  let limitBefore = 0;
  const fed = await feedEnvelopes(bench, envelopes, async (envelopeBytes) => {
    limitBefore = await measureSignatureLimit(bench.cores, envelopeBytes);
  });
  const limitAfter = await measureSignatureLimit(bench.cores, fed.envelopeBytes);
  return { ...fed, limitPerSecond: (limitBefore + limitAfter) / 2 };
}

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
