import type { ApiSample, QuarantineSummary } from "@siphms/api";
import type { Database, Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatient, type Patient } from "../patients/index.ts";
import { countQuarantined, loadLatest, mergeSamples, type Latest } from "./latest.ts";
import { readRange, type RangeAnswer, type RangeQuery } from "./range-query.ts";

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
  /** How many samples stand in quarantine, and why. */
  quarantine(patientId: string): Promise<QuarantineSummary>;
}

/** Patients whose latest values are kept; the first to come is the first to go. About 2 kB each. */
const MAX_CACHED = 50_000;

/** Creates the view on stored readings. */
export function createRecords(ports: {
  readonly database: Database;
  readonly keyring: Keyring;
}): Records {
  const { database, keyring } = ports;
  // One chain for each patient: what is loaded and what comes meanwhile are taken in order.
  const chains = new Map<string, Promise<Latest>>();

  const extend = (
    patientId: string,
    step: (before: Latest | undefined) => Promise<Latest>,
  ): Promise<Latest> => {
    const before = chains.get(patientId);
    const after = before === undefined ? step(undefined) : before.then(step);
    chains.set(patientId, after);
    const oldest = chains.size > MAX_CACHED ? chains.keys().next().value : undefined;
    if (oldest !== undefined) chains.delete(oldest);
    // A load that failed must not stay as the answer for ever.
    after.catch(() => {
      if (chains.get(patientId) === after) chains.delete(patientId);
    });
    return after;
  };

  const load = async (patient: Patient): Promise<Latest> => {
    const cipher = await keyring.patientCipher(database, patient.id);
    return loadLatest({ queryable: database, cipher, patientId: patient.id, demo: patient.demo });
  };

  return {
    latest: (patient) => chains.get(patient.id) ?? extend(patient.id, () => load(patient)),

    apply: ({ patientId, samples, hasQuarantined, receivedAt }) =>
      extend(patientId, async (before) => {
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
            ? await countQuarantined(database, patientId)
            : before.quarantinedSamples,
        };
      }),

    async range(patient, query) {
      const cipher = await keyring.patientCipher(database, patient.id);
      const source = { queryable: database, cipher, patientId: patient.id, demo: patient.demo };
      return readRange(source, query);
    },

    quarantine: (patientId) => summariseQuarantine(database, patientId),
  };
}

async function summariseQuarantine(
  queryable: Queryable,
  patientId: string,
): Promise<QuarantineSummary> {
  const { rows } = await queryable.query(
    `SELECT reason, sum(samples)::bigint AS samples FROM quarantine
     WHERE patient_id = $1 AND state = 'held' GROUP BY reason ORDER BY reason`,
    [patientId],
  );
  const reasons = Object.fromEntries(
    rows.map((row) => [row.text("reason"), row.number("samples")]),
  );
  const total = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  return { total, reasons };
}
