import { randomUUID } from "node:crypto";
import type { DemoClock, Summary, SummarySpan } from "@siphms/api";
import type { Series } from "@siphms/messages";
import { findPatient, type Patient } from "../patients/index.ts";
import { readSummary, type WantedSummary } from "../summaries/read-summary.ts";
import { createSummaryJob, type SummaryJob } from "../summaries/summary-job.ts";
import {
  addDevice,
  addPatient,
  log,
  storeBatch,
  type HospitalWorld,
  type TestBatch,
  type TestDevice,
} from "./hospital-world.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A patient with a device. */
export interface Carrier {
  readonly patient: Patient;
  readonly phone: TestDevice;
}

/** One patient's summaries, in days that no other test uses. */
export interface SummaryScene extends Carrier {
  /** Begins a day that is over; the clock stands in the next, at eight. */
  readonly day: number;
  readonly job: SummaryJob;
  store(batch: Partial<TestBatch> & Pick<TestBatch, "series">, sender?: TestDevice): Promise<void>;
  /** Summaries of that day and the next, unless the query says otherwise. */
  read(span: SummarySpan, query?: Partial<WantedSummary>, whose?: Patient): Promise<Summary>;
  /** `[hours after the day's beginning, count, min, max]` of each period of the first series. */
  counts(
    span: SummarySpan,
    query?: Partial<WantedSummary>,
  ): Promise<readonly (readonly unknown[])[]>;
  /** Summaries that are stored. */
  madeRows(whose?: Patient): Promise<number>;
  /** Hours that are due. */
  dueRows(whose?: Patient): Promise<number>;
}

/** Registers an invented patient with a device. */
export async function newCarrier(world: HospitalWorld, demo?: DemoClock): Promise<Carrier> {
  const id = randomUUID();
  await addPatient(world, { id, mrn: id, ...(demo === undefined ? {} : { demo }) });
  const phone = await addDevice(world, id);
  const patient = await findPatient(world.database, world.keyring, id);
  if (patient === undefined) throw new Error("no patient");
  return { patient, phone };
}

/** Moves the clock on by days and gives a new patient. */
export async function createSummaryScene(world: HospitalWorld): Promise<SummaryScene> {
  const { clock, database } = world;
  await clock.advance(10 * DAY);
  const day = clock.now() - (clock.now() % DAY) - DAY;
  const { patient, phone } = await newCarrier(world);
  const count = async (table: string, whose: Patient): Promise<number> => {
    const sql = `SELECT count(*) AS count FROM ${table} WHERE patient_id = $1`;
    return (await database.query(sql, [whose.id])).rows[0]?.number("count") ?? 0;
  };
  const read: SummaryScene["read"] = async (span, query = {}, whose = patient) => {
    const whole = { from: day, to: day + 2 * DAY, now: clock.now(), span, ...query };
    const outcome = await readSummary(whose, whole, world);
    if (outcome.kind !== "summary") throw new Error(outcome.kind);
    return outcome.summary;
  };
  return {
    ...{ patient, phone, day, read },
    job: createSummaryJob({ ...world, log, pause: () => Promise.resolve() }),
    store: async (batch, sender = phone) => {
      await storeBatch(world, sender, { receivedAt: clock.now(), ...batch });
    },
    counts: async (span, query) => {
      const [series] = (await read(span, query)).series;
      return (series?.start ?? []).map((start, index) => [
        (start - day) / HOUR,
        ...[series?.count[index], series?.min[index], series?.max[index]],
      ]);
    },
    madeRows: (whose = patient) => count("summaries", whose),
    dueRows: (whose = patient) => count("summaries_due", whose),
  };
}

/** Heart rates, one a second unless said otherwise. */
export function heartRate(start: number, values: readonly number[], step = 1000): Series {
  return { kind: 1, start, step: values.length === 1 ? 0 : step, values, origin: 0 };
}
