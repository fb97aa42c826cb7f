import type { DemoClock, PatientSource } from "@siphms/api";
import type { Bytes } from "@siphms/cose";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import { takeGenuine, type GrantingRow, type Keyring } from "../keys/index.ts";
import { openDemographics, sealDemographics, type Demographics } from "./demographics.ts";

/** A patient, the row's MAC checked and the demographics open. */
export interface Patient {
  readonly id: string;
  readonly demographics: Demographics;
  /** In whose care the patient is. */
  readonly doctorId: number | null;
  readonly source: PatientSource | null;
  readonly demo: DemoClock | null;
  readonly registeredAt: number;
  readonly version: number;
}

/** What a patient is registered with. */
export interface NewPatient {
  readonly id: string;
  readonly demographics: Demographics;
  readonly doctorId: number | null;
  readonly source: PatientSource | null;
  readonly demo: DemoClock | null;
  readonly registeredAt: number;
}

interface SealedPatient extends Omit<Patient, "demographics"> {
  readonly sealed: { readonly mrnIndex: Bytes; readonly demographics: Bytes };
}

/** The UNIQUE rule that two patients of one record number meet. */
export const MRN_CONSTRAINT = "patients_mrn";

const COLUMNS = `id, mrn_index, demographics, doctor_id, source, demo_anchor, demo_start, demo_speed,
  registered_at, version, mac`;

/** Adds a patient and the patient's data key. The record number must be new: see {@link MRN_CONSTRAINT}. */
export async function insertPatient(
  tx: Transaction,
  keyring: Keyring,
  patient: NewPatient,
): Promise<void> {
  const cipher = await keyring.createPatientKey(tx, patient.id, patient.registeredAt);
  const { demographics, ...rest } = patient;
  const stored: SealedPatient = {
    ...rest,
    sealed: {
      mrnIndex: keyring.blindIndex("mrn", demographics.mrn),
      demographics: sealDemographics(cipher, patient.id, demographics),
    },
    version: 1,
  };
  await tx.query(
    `INSERT INTO patients (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      stored.id,
      stored.sealed.mrnIndex,
      stored.sealed.demographics,
      stored.doctorId,
      stored.source,
      stored.demo?.anchor ?? null,
      stored.demo?.start ?? null,
      stored.demo?.speed ?? null,
      stored.registeredAt,
      stored.version,
      keyring.rowMac(patientRow(stored)),
    ],
  );
}

/** Finds a patient by id. @throws {KeyError} `ROW_ALTERED`, `CELL_UNAUTHENTIC`, `PATIENT_KEY_MISSING` */
export async function findPatient(
  queryable: Queryable,
  keyring: Keyring,
  id: string,
): Promise<Patient | undefined> {
  const { rows } = await queryable.query(`SELECT ${COLUMNS} FROM patients WHERE id = $1`, [id]);
  return rows[0] === undefined ? undefined : readPatient(rows[0], queryable, keyring);
}

/** Finds a patient by medical record number, exactly as registered. @throws {KeyError} as {@link findPatient} */
export async function findPatientByMrn(
  queryable: Queryable,
  keyring: Keyring,
  mrn: string,
): Promise<Patient | undefined> {
  const { rows } = await queryable.query(`SELECT ${COLUMNS} FROM patients WHERE mrn_index = $1`, [
    keyring.blindIndex("mrn", mrn),
  ]);
  return rows[0] === undefined ? undefined : readPatient(rows[0], queryable, keyring);
}

/** Every patient, in order of registration; altered rows left out. @throws {KeyError} `CELL_UNAUTHENTIC`, `PATIENT_KEY_MISSING` */
export async function listPatients(
  queryable: Queryable,
  keyring: Keyring,
): Promise<readonly Patient[]> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM patients ORDER BY registered_at, id`,
  );
  return openGenuine(rows, queryable, keyring);
}

/** The patients with these ids, as {@link listPatients} gives them. */
export async function findPatients(
  queryable: Queryable,
  keyring: Keyring,
  ids: readonly string[],
): Promise<readonly Patient[]> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM patients WHERE id = ANY($1::uuid[]) ORDER BY registered_at, id`,
    [ids],
  );
  return openGenuine(rows, queryable, keyring);
}

/** The demo's clocks of the patients with these ids, null for everybody else; altered rows left out. Opens nothing. */
export async function findClocks(
  queryable: Queryable,
  keyring: Keyring,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DemoClock | null>> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM patients WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  const genuine = takeGenuine(rows, (row) => readSealed(row, keyring));
  return new Map(genuine.rows.map(({ id, demo }) => [id, demo]));
}

/** Takes a row of `patients` with all its columns. @throws {KeyError} as {@link findPatient} */
export async function readPatient(
  row: Row,
  queryable: Queryable,
  keyring: Keyring,
): Promise<Patient> {
  return openPatient(readSealed(row, keyring), queryable, keyring);
}

async function openGenuine(
  rows: readonly Row[],
  queryable: Queryable,
  keyring: Keyring,
): Promise<readonly Patient[]> {
  const genuine = takeGenuine(rows, (row) => readSealed(row, keyring));
  const patients: Patient[] = [];
  for (const sealed of genuine.rows) patients.push(await openPatient(sealed, queryable, keyring));
  return patients;
}

async function openPatient(
  { sealed, ...patient }: SealedPatient,
  queryable: Queryable,
  keyring: Keyring,
): Promise<Patient> {
  const cipher = await keyring.patientCipher(queryable, patient.id);
  return {
    ...patient,
    demographics: openDemographics(cipher, patient.id, sealed.demographics),
  };
}

function readSealed(row: Row, keyring: Keyring): SealedPatient {
  const source = row.textOrNull("source");
  const anchor = row.numberOrNull("demo_anchor");
  const start = row.numberOrNull("demo_start");
  const speed = row.numberOrNull("demo_speed");
  const patient: SealedPatient = {
    id: row.text("id"),
    sealed: { mrnIndex: row.bytes("mrn_index"), demographics: row.bytes("demographics") },
    doctorId: row.numberOrNull("doctor_id"),
    source: source === "recorded" || source === "synthetic" ? source : null,
    demo: anchor === null || start === null || speed === null ? null : { anchor, start, speed },
    registeredAt: row.number("registered_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(patientRow(patient), row.bytes("mac"));
  return patient;
}

/** The row as its MAC covers it: who is in whose care is a grant. */
function patientRow(patient: SealedPatient): GrantingRow {
  return {
    table: "patients",
    id: patient.id,
    version: patient.version,
    columns: {
      mrn_index: patient.sealed.mrnIndex,
      demographics: patient.sealed.demographics,
      doctor_id: patient.doctorId,
      source: patient.source,
      demo_anchor: patient.demo?.anchor ?? null,
      demo_start: patient.demo?.start ?? null,
      // The one number with a fraction: as text, which names a double exactly.
      demo_speed: patient.demo === null ? null : String(patient.demo.speed),
      registered_at: patient.registeredAt,
    },
  };
}
