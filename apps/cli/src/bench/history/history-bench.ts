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
import type { BenchResult, BenchValue } from "../harness/bench-result.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { measureCpu } from "../harness/cpu-accounting.ts";
import { median, percentile, rounded } from "../harness/statistics.ts";
import { MASS_DAYS } from "./history-mass.ts";
import type { HistoryQuestion } from "./history-reader.ts";
import { DAY_MS, startHistorySite, YEAR_DAYS } from "./history-site.ts";
import type { HistorySite, HistoryTimes } from "./history-site.ts";

/** How `siphms bench history` was called. */
export interface HistoryBenchOptions {
  /** Sizes, growing. */
  readonly batches: readonly number[];
  /** Requests of each kind in each round. */
  readonly requests: number;
  readonly rounds: number;
  /** Length of each look at ingest, about. */
  readonly seconds: number;
}

/** What one look at one site came to. */
interface Look {
  readonly dayMs: readonly number[];
  readonly yearMs: readonly number[];
  /** Envelopes a second, and what the machine's signatures allowed at the time. */
  readonly ingestPerSecond: number;
  readonly ingestLimit: number;
  /** CPU milliseconds of the hospital and of PostgreSQL for one day's answer. */
  readonly dayCpuMs: { readonly hospital: number; readonly postgres: number };
}

/** Other patients than those that are read: a thousand messages of each in the largest. */
const MASS_PATIENTS = 1_000;
const INGEST_DEVICES = 50;
const WARM_UP_REQUESTS = 30;
/** Envelopes of the first look at how fast ingest goes. */
const FIRST_GUESS = 2_000;

/**
 * Measures how fast a doctor's screen gets a day of readings and a year of summaries, and how fast the hospital takes in
 * readings, with few and with many messages stored.
 *
 * All sizes stand side by side and take turns, so that what the machine does meanwhile meets all of them.
 *
 * @throws {CliError} when an answer is not complete, or something that was sent is not stored.
 */
export async function runHistoryBench(
  scope: BenchScope,
  options: HistoryBenchOptions,
): Promise<BenchResult> {
  const cores = startCryptoCores(scope, availableParallelism());
  const times = timesUntil(Date.now());
  const sites: HistorySite[] = [];
  for (const batches of options.batches) {
    const more = { patients: MASS_PATIENTS, devices: INGEST_DEVICES, times };
    sites.push(await startHistorySite(scope, { batches, ...more }));
  }
  const plans = new Map<HistorySite, number>();
  for (const site of sites) plans.set(site, await warmUp(site, options));
  const looks = new Map<HistorySite, Look[]>(sites.map((site) => [site, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const [site, latencies] of await readInTurns(sites, options)) {
      const ingest = await measureIngest(site, { cores, envelopes: plans.get(site) ?? 0 });
      looks.get(site)?.push({ ...latencies, ...ingest });
      const p99 = percentile(latencies.dayMs, 99).toFixed(1);
      const rate = Math.round(ingest.ingestPerSecond);
      scope.say(`Round ${round}, ${site.batches} batches: day p99 ${p99} ms, ${rate} envelopes/s`);
    }
  }
  return resultOf(looks, { ...options, ...(await conditionsOf(sites)) });
}

/** The day ends with the last whole minute, the year with the last whole day. */
function timesUntil(now: number): HistoryTimes {
  return {
    day: now - (now % 60_000) - DAY_MS,
    year: now - (now % DAY_MS) - YEAR_DAYS * DAY_MS,
  };
}

async function warmUp(
  { reader, feeder }: HistorySite,
  { seconds }: HistoryBenchOptions,
): Promise<number> {
  for (let request = 0; request < WARM_UP_REQUESTS; request += 1) {
    await reader.ask("day");
    await reader.ask("year");
  }
  let envelopes = FIRST_GUESS;
  for (let look = 0; look < 2; look += 1) {
    await feeder.ask("prepare", { envelopes });
    const fed = await feeder.ask("feed", undefined);
    envelopes = Math.ceil((fed.answered / fed.seconds) * seconds);
  }
  return envelopes;
}

type Reading = Pick<Look, "dayCpuMs" | "dayMs" | "yearMs">;

/** One request to each site after the other. */
async function readInTurns(
  sites: readonly HistorySite[],
  { requests }: HistoryBenchOptions,
): Promise<ReadonlyMap<HistorySite, Reading>> {
  const processes = sites.flatMap(({ installation: { pids } }, index) => [
    [`hospital ${index}`, pids.hospital] as const,
    [`postgres ${index}`, pids.postgres] as const,
  ]);
  const ask = (question: HistoryQuestion) => askInTurns(sites, question, requests);
  const { cpu, result: day } = await measureCpu(Object.fromEntries(processes), () => ask("day"));
  const year = await ask("year");
  const perRequest = (name: string): number => ((cpu[name] ?? NaN) * 1_000) / requests;
  return new Map(
    sites.map((site, index) => {
      const dayCpuMs = {
        hospital: perRequest(`hospital ${index}`),
        postgres: perRequest(`postgres ${index}`),
      };
      return [site, { dayMs: day[index] ?? [], yearMs: year[index] ?? [], dayCpuMs }];
    }),
  );
}

async function askInTurns(
  sites: readonly HistorySite[],
  question: HistoryQuestion,
  requests: number,
): Promise<readonly (readonly number[])[]> {
  const all: number[][] = sites.map(() => []);
  for (let request = 0; request < requests; request += 1) {
    for (const [index, { reader }] of sites.entries()) all[index]?.push(await reader.ask(question));
  }
  return all;
}

/** The limit is looked at before and after: other load on the machine changes from minute to minute. */
async function measureIngest(
  { feeder, installation: { database } }: HistorySite,
  { cores, envelopes }: { readonly cores: CryptoCores; readonly envelopes: number },
): Promise<Pick<Look, "ingestLimit" | "ingestPerSecond">> {
  const stored = () =>
    database.count("SELECT count(*) FROM batches WHERE received_at > $1", [from]);
  const from = Date.now();
  const bytes = await feeder.ask("prepare", { envelopes });
  const before = await measureSignatureLimit(cores, bytes);
  const { answered, seconds } = await feeder.ask("feed", undefined);
  const after = await measureSignatureLimit(cores, bytes);
  const found = await stored();
  if (answered !== envelopes || found !== envelopes) {
    throw new CliError(`Sent ${envelopes}, answered ${answered}, stored ${found}: not the same.`);
  }
  return { ingestPerSecond: answered / seconds, ingestLimit: (before + after) / 2 };
}

async function conditionsOf(sites: readonly HistorySite[]): Promise<Record<string, BenchValue>> {
  const [first] = sites;
  const machine = await machineConditions();
  return {
    ...machine,
    ...(first === undefined ? {} : await installationConditions(first.installation)),
    samplesPerBatch: SAMPLES_PER_ENVELOPE,
    patients: MASS_PATIENTS + 2,
    monthsOfBatches: MASS_DAYS / 30,
    fillSeconds: bySize(sites, ({ fillSeconds }) => rounded(fillSeconds, 3)),
    answerBytes: bySize(sites, ({ reader }) => ({ ...reader.answerBytes })),
    howFilled:
      "the two patients that are read through the hospital's pipeline, minute by minute among the others' rows; all others " +
      "as copies of a real row under other ids and times; VACUUM ANALYZE at the end",
  };
}

function bySize(
  sites: readonly HistorySite[],
  of: (site: HistorySite) => BenchValue,
): Record<string, BenchValue> {
  return Object.fromEntries(sites.map((site) => [String(site.batches), of(site)]));
}

interface Figures {
  readonly dayP50Ms: number;
  readonly dayP99Ms: number;
  readonly yearP50Ms: number;
  readonly yearP99Ms: number;
  readonly dayCpuMs: { readonly hospital: number; readonly postgres: number };
  readonly ingestPerSecond: number;
  /** As a share of what the machine's signatures allowed at the time. */
  readonly ingestShare: number;
}

function resultOf(
  looks: ReadonlyMap<HistorySite, readonly Look[]>,
  conditions: BenchResult["conditions"],
): BenchResult {
  const figures = [...looks].map(([site, all]) => ({ site, ...figuresOf(all) }));
  const [few, many] = [figures[0], figures.at(-1)];
  if (few === undefined || many === undefined) throw new RangeError("no size");
  const times = (of: (one: Figures) => number): number => rounded(of(many) / of(few));
  return {
    bench: "history",
    value: {
      ...Object.fromEntries(
        figures.map(({ site, ...more }) => [String(site.batches), { ...more }]),
      ),
      mostAgainstFewest: {
        dayP50: times(({ dayP50Ms }) => dayP50Ms),
        dayP99: times(({ dayP99Ms }) => dayP99Ms),
        yearP99: times(({ yearP99Ms }) => yearP99Ms),
        ingest: times(({ ingestShare }) => ingestShare),
      },
    },
    limit: { name: SIGNATURE_LIMIT, perSecond: rounded(limitOf(looks)) },
    ratio: times(({ dayP99Ms }) => dayP99Ms),
    p50Ms: many.dayP50Ms,
    p99Ms: many.dayP99Ms,
    conditions,
  };
}

function figuresOf(looks: readonly Look[]): Figures {
  const middle = (of: (look: Look) => number): number => rounded(median(looks.map(of)));
  return {
    dayP50Ms: middle(({ dayMs }) => percentile(dayMs, 50)),
    dayP99Ms: middle(({ dayMs }) => percentile(dayMs, 99)),
    yearP50Ms: middle(({ yearMs }) => percentile(yearMs, 50)),
    yearP99Ms: middle(({ yearMs }) => percentile(yearMs, 99)),
    dayCpuMs: {
      hospital: middle(({ dayCpuMs }) => dayCpuMs.hospital),
      postgres: middle(({ dayCpuMs }) => dayCpuMs.postgres),
    },
    ingestPerSecond: middle(({ ingestPerSecond }) => ingestPerSecond),
    ingestShare: middle(({ ingestPerSecond, ingestLimit }) => ingestPerSecond / ingestLimit),
  };
}

function limitOf(looks: ReadonlyMap<HistorySite, readonly Look[]>): number {
  return median([...looks.values()].flat().map(({ ingestLimit }) => ingestLimit));
}
