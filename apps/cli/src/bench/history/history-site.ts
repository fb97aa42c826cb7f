import { setTimeout as sleep } from "node:timers/promises";

import { CliError } from "../../cli-error.ts";
import { addDoctorOfAll } from "../../installation/doctor-of-all.ts";
import { startBenchInstallation } from "../harness/bench-installation.ts";
import type { BenchInstallation } from "../harness/bench-installation.ts";
import { startBenchProcess } from "../harness/bench-process.ts";
import type { BenchProcess } from "../harness/bench-process.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import type { HistoryCalls, HistoryPatients } from "./history-feeder.ts";
import { createHistoryMass } from "./history-mass.ts";
import { openHistoryReader } from "./history-reader.ts";
import type { HistoryReader } from "./history-reader.ts";

/** An installation with so many stored messages, two of whose patients are read. */
export interface HistorySite {
  /** Stored messages of readings when it was filled. */
  readonly batches: number;
  readonly installation: BenchInstallation;
  readonly feeder: BenchProcess<HistoryCalls>;
  readonly reader: HistoryReader;
  readonly fillSeconds: number;
}

/** When the histories were measured, ms. */
export interface HistoryTimes {
  /** A day, and a message a minute in it. */
  readonly day: number;
  /** So many days up to that one, and two messages in each. */
  readonly year: number;
}

/** What a site is made with. */
export interface HistorySiteOptions {
  readonly batches: number;
  /** Other patients than the two. */
  readonly patients: number;
  /** Devices that ingest is measured with. */
  readonly devices: number;
  readonly times: HistoryTimes;
}

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;
export const MINUTES_A_DAY = 1440;
export const YEAR_DAYS = 365;
const MESSAGES_A_DAY_OF_THE_YEAR = 2;
const OWN_MESSAGES = 1 + MINUTES_A_DAY + YEAR_DAYS * MESSAGES_A_DAY_OF_THE_YEAR;
// Only there a link signs a doctor in without a second factor.
const HOSPITAL_SETTINGS = { SIPHMS_DEMO: "yes" };
/** The job makes summaries every minute. */
const SUMMARY_LIMIT_MS = 600_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Starts an installation and fills it: two patients' histories through the hospital's whole pipeline, all others' as copies of
 * rows. Resolves when the hospital's job has summarised what there is.
 *
 * @throws {CliError} for fewer messages than the two patients send, or when summaries do not come.
 */
export async function startHistorySite(
  scope: BenchScope,
  options: HistorySiteOptions,
): Promise<HistorySite> {
  const { batches, devices } = options;
  if (batches <= OWN_MESSAGES) throw new CliError(`Take more than ${OWN_MESSAGES} batches.`);
  const feeder = await startBenchProcess<HistoryCalls>(
    scope,
    "history-feeder-main",
    import.meta.url,
  );
  const stubGatewayPort = await feeder.ask("port", undefined);
  const installation = await startBenchInstallation(scope, {
    stubGatewayPort,
    hospital: HOSPITAL_SETTINGS,
  });
  const { operatorSocket, operator } = installation;
  const patients = await feeder.ask("enrolPatients", { operatorSocket });
  await feeder.ask("enrol", { operatorSocket, devices });
  const begin = performance.now();
  scope.say(`Filling with ${batches} batches ...`);
  await fill({ installation, feeder }, options);
  await untilSummarised(installation);
  const fillSeconds = (performance.now() - begin) / 1_000;
  const doctor = await addDoctorOfAll(operator, "Dr. Bench");
  const reader = await openHistoryReader(scope, doctor.link, ranges(patients, options.times));
  return { batches, installation, feeder, reader, fillSeconds };
}

async function fill(
  { installation: { database }, feeder }: Pick<HistorySite, "feeder" | "installation">,
  { batches, patients, times: { day, year } }: HistorySiteOptions,
): Promise<void> {
  await feeder.ask("storeMinute", { start: day - MINUTE_MS });
  const rows = batches - OWN_MESSAGES;
  const mass = await createHistoryMass(database, { rows, lastDay: day, patients });
  await mass.writeMonths();
  await feeder.ask("storeDays", { first: year, days: YEAR_DAYS });
  for (let minute = 0; minute < MINUTES_A_DAY; minute += 1) {
    const start = day + minute * MINUTE_MS;
    await feeder.ask("storeMinute", { start });
    await mass.writeMinute(start);
  }
  await mass.tidy();
  const stored = await database.count("SELECT count(*) FROM batches");
  if (stored !== batches) throw new CliError(`There are ${stored} batches, not ${batches}.`);
}

/** Resolves when the job has gone through everything that was stored, and made what is closed. @throws {CliError} when it does not. */
export async function untilSummarised({ database }: BenchInstallation): Promise<void> {
  const newest = await database.count("SELECT max(id) AS count FROM audit_events");
  const deadline = performance.now() + SUMMARY_LIMIT_MS;
  const left = () =>
    database.count(
      `SELECT (SELECT count(*) FROM summary_progress WHERE done_id < $1)
         + (SELECT count(*) FROM summaries_due WHERE hour_at < $2) AS count`,
      [newest, Date.now() - 2 * 3_600_000],
    );
  while ((await left()) > 0) {
    if (performance.now() > deadline) throw new CliError("The hospital made no summaries.");
    await sleep(LOOK_EVERY_MS);
  }
}

function ranges(patients: HistoryPatients, { day, year }: HistoryTimes) {
  return {
    day: { patient: patients.day, from: day, to: day + DAY_MS },
    year: { patient: patients.year, from: year, to: year + YEAR_DAYS * DAY_MS },
  };
}
