import { setTimeout as sleep } from "node:timers/promises";

import { CliError } from "../../cli-error.ts";
import { systemClock } from "../../device-state/system-clock.ts";
import { addDoctorOfAll } from "../../installation/doctor-of-all.ts";
import { openLiveEvents } from "../end-to-end-screen.ts";
import { installationConditions, machineConditions } from "../harness/bench-conditions.ts";
import { SAMPLES_PER_ENVELOPE } from "../harness/bench-envelopes.ts";
import { startBenchInstallation } from "../harness/bench-installation.ts";
import type { BenchInstallation } from "../harness/bench-installation.ts";
import { startBenchProcess } from "../harness/bench-process.ts";
import type { BenchProcess } from "../harness/bench-process.ts";
import type { BenchResult, BenchValue } from "../harness/bench-result.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { measureCpu } from "../harness/cpu-accounting.ts";
import { percentile, rounded } from "../harness/statistics.ts";
import { firstRacing } from "../load/racing.ts";
import type { LoadCalls } from "../load/load-calls.ts";
import type { LoadReport } from "../load/load-run.ts";
import { measureRuleRate } from "./rule-rate.ts";

/** How `siphms bench alerts` measures. */
export interface AlertsBenchOptions {
  /** How long envelopes are sent, about. */
  readonly seconds: number;
  /** Envelopes a second. */
  readonly rate: number;
  /** Messages of each patient; in each round as many patients begin to alert. */
  readonly rounds: number;
}

/** What one patient's alert took, ms from the hospital's time of storing. */
interface Raised {
  /** Until it was evaluated. */
  readonly toRaised: number;
  /** Until the event was on a doctor's screen: committed, and told. */
  readonly toScreen: number;
}

const WAIT_SECONDS = 30;
const CONNECTIONS = 64;
const RULE_SECONDS = 4;
const LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** The most that a setting allows: all devices of the generator come from one address. */
const GATEWAY_SETTINGS = { SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: "10000000" };
// Only there a link signs a doctor in without a second factor.
const HOSPITAL_SETTINGS = { SIPHMS_DEMO: "yes" };
const ALERT_EVENT = /^event: alert$/m;
const PATIENT = /"patient":"([0-9a-f-]{36})","open":\[\{/;

/**
 * Measures how long after its storing a value has raised its alert, at a fixed rate of envelopes, and how fast the rules are
 * applied without storage.
 *
 * @throws {CliError} unless every patient has exactly one alert of a racing heart, and a doctor's screen was told of each.
 */
export async function runAlertsBench(
  scope: BenchScope,
  options: AlertsBenchOptions,
): Promise<BenchResult> {
  const rules = measureRuleRate({ seconds: RULE_SECONDS });
  const patients = Math.max(1, Math.round((options.rate * options.seconds) / options.rounds));
  const installation = await startBenchInstallation(scope, {
    gateway: GATEWAY_SETTINGS,
    hospital: HOSPITAL_SETTINGS,
  });
  const { gatewayUrl, operatorSocket, operator } = installation;
  const load = await startBenchProcess<LoadCalls>(scope, "../load/load-main", import.meta.url);
  scope.say(`Enrolling ${patients} devices ...`);
  await load.ask("enrol", { gatewayUrl, operatorSocket, devices: patients });
  await load.ask("openSessions", patients);
  const doctor = await addDoctorOfAll(operator, "Dr. Bench");
  const told = new Map<string, number>();
  await openLiveEvents(scope, doctor.link, (event) => {
    const [, patient] = ALERT_EVENT.test(event) ? (PATIENT.exec(event) ?? []) : [];
    if (patient !== undefined && !told.has(patient)) told.set(patient, systemClock.now());
  });
  scope.say(`Sending ${patients * options.rounds} messages, ${options.rate} a second ...`);
  const pids: Readonly<Record<string, number>> = { ...installation.pids };
  const { cpu, result: report } = await measureCpu(pids, () =>
    send({ load, installation }, options, patients),
  );
  const raised = await readRaised(installation, { report, told, rounds: options.rounds });
  return describe(raised, {
    rules,
    rate: options.rate,
    conditions: {
      ...(await machineConditions()),
      ...(await installationConditions(installation)),
      ...options,
      patients,
      samplesPerMessage: SAMPLES_PER_ENVELOPE,
      cpuSeconds: cpu,
      screens: 1,
      load: "one process beside the servers on the same machine; envelopes signed and sealed beforehand",
      from: "`stored` of the receipt: the hospital's clock just before it writes and commits",
      toRaised:
        "the hospital's clock when it evaluates, just before it writes the alert and commits",
      toScreen: "the last byte of the live event that tells of it, which leaves after that commit",
      rules:
        "one core, no storage: what one evaluation meets is counted as `rulesMet` of the bench says",
    },
  });
}

async function send(
  { load, installation }: { load: BenchProcess<LoadCalls>; installation: BenchInstallation },
  { rate, rounds }: AlertsBenchOptions,
  patients: number,
): Promise<LoadReport> {
  const count = patients * rounds;
  const work = {
    kind: "sealed",
    port: installation.ports.gateway,
    waitSeconds: WAIT_SECONDS,
  } as const;
  await load.ask("prepare", { ...work, count, racingWithin: rounds });
  const report = await load.ask("send", {
    kind: "paced",
    phases: [{ perSecond: rate, seconds: count / rate }],
    maxConnections: CONNECTIONS,
    verify: "on-arrival",
  });
  if (report.receipts.length !== count) throw new CliError("Not every message was receipted.");
  return report;
}

/** Waits until every patient's alert is there and told. @throws {CliError} where one is missing, or there twice. */
async function readRaised(
  { database, operator }: BenchInstallation,
  {
    report,
    told,
    rounds,
  }: {
    readonly report: LoadReport;
    readonly told: ReadonlyMap<string, number>;
    readonly rounds: number;
  },
): Promise<readonly Raised[]> {
  const patients = await operator.patients();
  const deadline = performance.now() + LIMIT_MS;
  while (told.size < patients.length) {
    if (performance.now() > deadline) throw new CliError("The screen was not told of every alert.");
    await sleep(LOOK_EVERY_MS);
  }
  const rows = await database.query(
    `SELECT patient_id, min(raised_at)::float8 AS raised, count(*)::int AS count FROM alerts
     WHERE rule = 'limit:heart-rate:value:high' GROUP BY patient_id`,
  );
  if (rows.length !== patients.length || rows.some(({ count }) => count !== 1)) {
    throw new CliError("There is not exactly one alert of each patient.");
  }
  const raisedAt = new Map(rows.map(({ patient_id: id, raised }) => [id, Number(raised)]));
  const storedAt = await readStored(database, report);
  return patients.map(({ patient, mrn }) => {
    const session = Number(mrn.split("-").at(-1)) - 1;
    const stored = storedAt.get(patient)?.[firstRacing(session, rounds)] ?? NaN;
    return {
      toRaised: (raisedAt.get(patient) ?? NaN) - stored,
      toScreen: (told.get(patient) ?? NaN) - stored,
    };
  });
}

/** When each patient's messages were stored, in the order in which they were signed. */
async function readStored(
  database: BenchInstallation["database"],
  { receipts }: LoadReport,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map(
    receipts.map(({ messageId, stored }) => [
      Buffer.from(messageId, "base64url").toString("hex"),
      stored,
    ]),
  );
  const rows = await database.query(
    "SELECT patient_id, encode(message_id, 'hex') AS id FROM batches ORDER BY message_id",
  );
  const stored = new Map<string, number[]>();
  for (const { patient_id: patient, id } of rows) {
    const all = stored.get(String(patient)) ?? [];
    all.push(times.get(String(id)) ?? NaN);
    stored.set(String(patient), all);
  }
  return stored;
}

function describe(
  raised: readonly Raised[],
  about: {
    readonly rules: ReturnType<typeof measureRuleRate>;
    readonly rate: number;
    readonly conditions: Record<string, BenchValue>;
  },
): BenchResult {
  const { rules, rate, conditions } = about;
  const of = (figure: keyof Raised, percent: number): number =>
    rounded(
      percentile(
        raised.map((one) => one[figure]),
        percent,
      ),
    );
  const spread = (figure: keyof Raised) => ({
    p50Ms: of(figure, 50),
    p99Ms: of(figure, 99),
    maxMs: of(figure, 100),
  });
  const perSecond = ({ evaluationsPerSecond, rulesPerSecond }: (typeof rules)["small"]) => ({
    evaluationsPerSecond: rounded(evaluationsPerSecond),
    rulesPerSecond: rounded(rulesPerSecond),
  });
  return {
    bench: "alerts",
    value: {
      envelopesPerSecond: rate,
      alerts: raised.length,
      toRaised: spread("toRaised"),
      toScreen: spread("toScreen"),
      rules: { threeValues: perSecond(rules.small), minuteOfHeartRates: perSecond(rules.minute) },
    },
    limit: null,
    ratio: null,
    p50Ms: of("toScreen", 50),
    p99Ms: of("toScreen", 99),
    conditions,
  };
}
