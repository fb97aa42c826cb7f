import { CliError } from "../../cli-error.ts";
import { startBenchInstallation } from "../harness/bench-installation.ts";
import type { BenchInstallation } from "../harness/bench-installation.ts";
import { startBenchProcess } from "../harness/bench-process.ts";
import type { BenchProcess } from "../harness/bench-process.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { measureCpu } from "../harness/cpu-accounting.ts";
import type { FeederCalls } from "./feeder.ts";

/** A running hospital with devices that send it readings through a stub in the gateway's place. */
export interface IngestLoad {
  readonly installation: BenchInstallation;
  readonly feeder: BenchProcess<FeederCalls>;
}

/** What feeding so many envelopes came to. */
export interface Fed {
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

/** Envelopes of the first look at how fast it goes. */
const FIRST_GUESS = 2_000;
/** Sizes of what is fed before the first round: engine and caches get warm, and the size of a round is found. */
const WARM_UP_SECONDS = [0.5, 2];

/** Starts a hospital and enrols devices, each with a session. */
export async function startIngestLoad(
  scope: BenchScope,
  { devices, withoutAuditLog = false }: { devices: number; withoutAuditLog?: boolean },
): Promise<IngestLoad> {
  const feeder = await startBenchProcess<FeederCalls>(scope, "feeder-main", import.meta.url);
  const stubGatewayPort = await feeder.ask("port", undefined);
  const installation = await startBenchInstallation(scope, { stubGatewayPort, withoutAuditLog });
  scope.say(`Enrolling ${devices} devices ...`);
  await feeder.ask("enrol", { operatorSocket: installation.operatorSocket, devices });
  return { installation, feeder };
}

/** Warms everything up. @returns How many envelopes take about so long. */
export async function warmUp(
  scope: BenchScope,
  load: IngestLoad,
  seconds: number,
): Promise<number> {
  let envelopes = FIRST_GUESS;
  for (const length of [...WARM_UP_SECONDS, seconds]) {
    const { perSecond } = await feedEnvelopes(load, envelopes);
    scope.say(`Warming up: ${Math.round(perSecond)} envelopes/s`);
    envelopes = Math.ceil(perSecond * length);
  }
  return envelopes;
}

/**
 * Feeds so many envelopes, as fast as they are answered.
 *
 * @param justBefore - Runs when everything is prepared.
 * @throws {CliError} when an envelope is not answered, a receipt is wrong, or the database holds another number than was sent.
 */
export async function feedEnvelopes(
  { installation, feeder }: IngestLoad,
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
