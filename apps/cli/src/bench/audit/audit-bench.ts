import { setTimeout as sleep } from "node:timers/promises";

import { installationConditions, machineConditions } from "../harness/bench-conditions.ts";
import type { BenchResult } from "../harness/bench-result.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { median, rounded } from "../harness/statistics.ts";
import { feedEnvelopes, startIngestLoad, warmUp } from "../ingest/ingest-load.ts";
import type { Fed, IngestLoad } from "../ingest/ingest-load.ts";
import { measureVerify } from "./verify-bench.ts";

/** How `siphms bench audit` was called. */
export interface AuditBenchOptions {
  /** Of one round, about. */
  readonly seconds: number;
  readonly rounds: number;
  readonly devices: number;
  /** Of the log that is verified. */
  readonly entries: number;
}

interface Round {
  readonly withLog: Fed;
  readonly without: Fed;
}

/** What is left of a round is the log of its last second, which must not fall into the next one's time. */
const PAUSE_MS = 1_500;

/**
 * Measures what the audit log costs: envelopes a second that a hospital stores and receipts with it, beside one without; and
 * how long it takes to verify a whole log.
 *
 * The hospital without it is another program of this project, which no setting leads to.
 *
 * @throws {CliError} when an envelope is not answered or stored, or the log does not verify.
 */
export async function runAuditBench(
  scope: BenchScope,
  options: AuditBenchOptions,
): Promise<BenchResult> {
  const { devices, seconds, entries } = options;
  const withLog = await startIngestLoad(scope, { devices });
  const without = await startIngestLoad(scope, { devices, withoutAuditLog: true });
  await warmUp(scope, without, seconds);
  const envelopes = await warmUp(scope, withLog, seconds);
  const rounds: Round[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    const round = await measureRound({ withLog, without }, envelopes, number);
    rounds.push(round);
    scope.say(
      `Round ${number}: ${Math.round(round.withLog.perSecond)} envelopes/s with the log, ` +
        `${Math.round(round.without.perSecond)} without`,
    );
  }
  const verify = await measureVerify(scope, { entries });
  const conditions = {
    ...(await machineConditions()),
    ...(await installationConditions(withLog.installation)),
  };
  return resultOf(rounds, { verify, conditions: { ...conditions, ...options } });
}

/** Turn by turn who goes first: other load on the machine changes from minute to minute. */
async function measureRound(
  loads: Readonly<Record<keyof Round, IngestLoad>>,
  envelopes: number,
  number: number,
): Promise<Round> {
  const feed = async (load: IngestLoad): Promise<Fed> => {
    const fed = await feedEnvelopes(load, envelopes);
    await sleep(PAUSE_MS);
    return fed;
  };
  if (number % 2 === 1) {
    const withLog = await feed(loads.withLog);
    return { withLog, without: await feed(loads.without) };
  }
  const without = await feed(loads.without);
  return { withLog: await feed(loads.withLog), without };
}

function resultOf(
  rounds: readonly Round[],
  { verify, conditions }: Pick<BenchResult, "conditions"> & { verify: BenchResult["value"] },
): BenchResult {
  const middle = (of: (round: Round) => number): number => rounded(median(rounds.map(of)));
  const ratio = ({ withLog, without }: Round): number => withLog.perSecond / without.perSecond;
  const microseconds = (which: keyof Round, name: "hospital" | "postgres"): number =>
    middle((round) => (round[which].cpu[name] / round[which].sent) * 1e6);
  return {
    bench: "audit",
    value: {
      envelopesPerSecond: middle(({ withLog }) => withLog.perSecond),
      cpuMicrosecondsPerEnvelope: {
        hospital: microseconds("withLog", "hospital"),
        postgres: microseconds("withLog", "postgres"),
      },
      cpuMicrosecondsPerEnvelopeWithoutLog: {
        hospital: microseconds("without", "hospital"),
        postgres: microseconds("without", "postgres"),
      },
      ratios: rounds.map((round) => rounded(ratio(round))),
      verify,
    },
    limit: {
      name: "ingest without the audit log",
      perSecond: middle(({ without }) => without.perSecond),
    },
    ratio: middle(ratio),
    p50Ms: middle(({ withLog }) => withLog.p50Ms),
    p99Ms: middle(({ withLog }) => withLog.p99Ms),
    conditions,
  };
}
