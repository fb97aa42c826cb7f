import type { DemoClock } from "@siphms/api";
import type { Transaction } from "../database/index.ts";

/** What ingest has to know of a patient. */
export interface PatientFacts {
  /** On whose list the readings appear, as the patient knows them. */
  readonly informed: readonly string[];
  readonly demo: DemoClock | null;
}

/** Finds a patient's facts; asked once per patient and version of the patient's row. */
export type LoadPatientFacts = (tx: Transaction, patientId: string) => Promise<PatientFacts>;

/** Patients' facts in memory, read again when the patient's row has another version. */
export interface PatientFactsCache {
  load(
    tx: Transaction,
    patient: { readonly patientId: string; readonly version: number },
  ): Promise<PatientFacts>;
}

/** Patients kept in memory; the oldest goes first. */
const MAX_PATIENTS = 100_000;

/** Creates an empty cache over the way to read a patient. */
export function createPatientFactsCache(read: LoadPatientFacts): PatientFactsCache {
  const known = new Map<string, { readonly version: number; readonly facts: PatientFacts }>();
  return {
    async load(tx, { patientId, version }) {
      const cached = known.get(patientId);
      if (cached?.version === version) return cached.facts;
      const facts = await read(tx, patientId);
      known.set(patientId, { version, facts });
      const oldest = known.size > MAX_PATIENTS ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      return facts;
    },
  };
}
