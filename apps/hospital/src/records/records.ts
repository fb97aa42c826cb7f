import type { ApiSample, DeviceSensor, QuarantineSummary, Trend } from "@siphms/api";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { clinicalTime, findPatient, type Patient } from "../patients/index.ts";
import { loadDecisions } from "./decisions.ts";
import { summariseQuarantine } from "./held.ts";
import { loadLatest, mergeSamples, type Latest } from "./latest.ts";
import { createLatestCache } from "./latest-cache.ts";
import { readRange, type RangeAnswer, type RangeQuery } from "./range-query.ts";
import type { BatchSource } from "./read-batches.ts";
import { readMessages, type FoundMessage, type MessageName } from "./read-messages.ts";
import { readSensors } from "./sensors.ts";
import { readTrend } from "./trends.ts";

/** One batch that has just been committed. */
export interface StoredReadings {
  readonly patientId: string;
  /** The last good sample of each series: nothing else can become a latest value. */
  readonly samples: readonly ApiSample[];
  /** Whether samples of it stand in quarantine. */
  readonly hasQuarantined: boolean;
  /** ms, real time. */
  readonly receivedAt: number;
}

/** A patient's readings, as staff and operators may read them. Asks nobody's leave: callers have. */
export interface Records {
  /** The latest values; kept in memory after the first call. */
  latest(patient: Patient): Promise<Latest>;
  /** Takes in a batch after its commit and gives the patient's latest values with it. */
  apply(stored: StoredReadings): Promise<Latest>;
  /** Samples in a range of time. */
  range(patient: Patient, query: RangeQuery): Promise<RangeAnswer>;
  /** How many samples stand in quarantine and wait for a decision, and why. */
  quarantine(patientId: string): Promise<QuarantineSummary>;
  /** Messages by their names, those that there are, with all their samples. */
  messages(patient: Patient, names: readonly MessageName[]): Promise<readonly FoundMessage[]>;
  /** The last six hours in short, up to the patient's clinical time. @param now - Real time, ms. */
  trend(patient: Patient, now: number): Promise<Trend>;
  /** Sensors that a device named in what it sent last. */
  sensors(device: {
    readonly id: number;
    readonly patientId: string;
  }): Promise<readonly DeviceSensor[]>;
  /** Forgets what is kept in memory of a patient, after a commit that changed what counts. */
  forget(patientId: string): void;
}

/** Creates the view on stored readings. */
export function createRecords(ports: {
  readonly database: Database;
  readonly keyring: Keyring;
}): Records {
  const { database, keyring } = ports;
  const cache = createLatestCache();
  const sourceOf = async ({ id, demo }: Patient): Promise<BatchSource> => ({
    queryable: database,
    cipher: await keyring.patientCipher(database, id),
    patientId: id,
    demo,
    decisions: await loadDecisions(database, keyring, id),
  });
  const load = async (patient: Patient): Promise<Latest> => loadLatest(await sourceOf(patient));
  const quarantine: Records["quarantine"] = async (patientId) =>
    summariseQuarantine(database, patientId, await loadDecisions(database, keyring, patientId));

  return {
    latest: (patient) => cache.get(patient.id) ?? cache.extend(patient.id, () => load(patient)),

    apply: ({ patientId, samples, hasQuarantined, receivedAt }) =>
      cache.extend(patientId, async (before) => {
        if (before === undefined) {
          const patient = await findPatient(database, keyring, patientId);
          if (patient === undefined) throw new RangeError("patientId: no such patient");
          return load(patient);
        }
        return {
          values: mergeSamples(before.values, samples),
          lastContact: Math.max(before.lastContact ?? 0, receivedAt),
          // Counted anew rather than added up: what was loaded meanwhile may hold this batch already.
          quarantinedSamples: hasQuarantined
            ? (await quarantine(patientId)).total
            : before.quarantinedSamples,
        };
      }),

    range: async (patient, query) => readRange(await sourceOf(patient), query),

    quarantine,

    messages: async (patient, names) => readMessages(await sourceOf(patient), names),

    trend: async (patient, now) =>
      readTrend(await sourceOf(patient), clinicalTime(patient.demo, now)),

    async sensors(device) {
      const cipher = await keyring.patientCipher(database, device.patientId);
      return readSensors(database, device, cipher);
    },

    forget: (patientId) => {
      cache.forget(patientId);
    },
  };
}
