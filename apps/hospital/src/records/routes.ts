import {
  CONSOLE_PATHS,
  MAX_READINGS,
  patientDetailSchema,
  patientListSchema,
  quarantineSummarySchema,
  readingsQuerySchema,
  readingsSchema,
  type PatientDetail,
  type PatientDevice,
  type PatientList,
  type PatientSummary,
  type Readings,
  type ReadingsQuery,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { FastifyInstance } from "fastify";
import { listDevicesOfPatient, openDeviceName, readContacts } from "../enrolment/index.ts";
import { clinicalSpeed, clinicalTime, listPatients, type Patient } from "../patients/index.ts";
import { listStaff } from "../staff/index.ts";
import { attributionsOf } from "./attributions.ts";
import { CARE_ROLES } from "./disclosure.ts";
import { parseRange } from "./parse-range.ts";
import type { RangeQuery } from "./range-query.ts";
import type { Records } from "./records.ts";
import { noteShown, showPatient, type ByPatient, type ShowPorts } from "./shown-patient.ts";

interface RecordsPorts extends ShowPorts {
  readonly records: Records;
}

const care = { policy: CARE_ROLES };

/** Routes of the worklist and of one patient's readings. */
export function addRecordsRoutes(server: FastifyInstance, ports: RecordsPorts): void {
  server.get(
    CONSOLE_PATHS.patients,
    { config: care, schema: { response: { 200: patientListSchema } } },
    async (request) => {
      await noteShown(request, { what: "worklist" }, ports);
      return worklist(ports);
    },
  );

  server.get<ByPatient>(
    CONSOLE_PATHS.patient,
    { config: care, schema: { response: { 200: patientDetailSchema } } },
    (request) => {
      const read = (patient: Patient) => detail(patient, ports);
      return showPatient(request, { what: "patient", read }, ports);
    },
  );

  server.get<ByPatient & { Querystring: ReadingsQuery }>(
    CONSOLE_PATHS.readings,
    {
      config: care,
      schema: { querystring: readingsQuerySchema, response: { 200: readingsSchema } },
    },
    (request) => {
      const query = parseReadingsQuery(request.query);
      const read = (patient: Patient) => readings(patient, query, ports);
      return showPatient(request, { what: "readings", read }, ports);
    },
  );

  server.get<ByPatient>(
    CONSOLE_PATHS.quarantine,
    { config: care, schema: { response: { 200: quarantineSummarySchema } } },
    (request) => {
      const read = (patient: Patient) => ports.records.quarantine(patient.id);
      return showPatient(request, { what: "quarantine", read }, ports);
    },
  );
}

async function worklist(ports: RecordsPorts): Promise<PatientList> {
  const now = ports.clock.now();
  const patients = await listPatients(ports.database, ports.keyring);
  const doctors = await doctorNames(ports);
  const summaries: PatientSummary[] = [];
  for (const patient of patients) summaries.push(await summary(patient, { now, doctors }, ports));
  return { patients: summaries, attributions: [...attributionsOf(patients)], now };
}

async function detail(patient: Patient, ports: RecordsPorts): Promise<PatientDetail> {
  const { database, keyring } = ports;
  const doctors = await doctorNames(ports);
  const seen = await readContacts(database);
  const devices: PatientDevice[] = [];
  for (const device of await listDevicesOfPatient(database, keyring, patient.id)) {
    const lastSeen = seen.get(device.id);
    devices.push({
      kid: toBase64Url(device.kid),
      name: await openDeviceName(database, keyring, device),
      state: device.state,
      enrolled: device.enrolledAt,
      ...(lastSeen === undefined ? {} : { lastSeen }),
    });
  }
  const now = ports.clock.now();
  return { ...(await summary(patient, { now, doctors }, ports)), devices };
}

async function summary(
  patient: Patient,
  context: { readonly now: number; readonly doctors: ReadonlyMap<number, string> },
  { records }: RecordsPorts,
): Promise<PatientSummary> {
  const { mrn, name, birthDate, sex, problem } = patient.demographics;
  const doctor = patient.doctorId === null ? undefined : context.doctors.get(patient.doctorId);
  const latest = await records.latest(patient);
  const speed = clinicalSpeed(patient.demo, context.now);
  return {
    id: patient.id,
    mrn,
    name,
    birthDate,
    sex,
    problem,
    ...(doctor === undefined ? {} : { doctor }),
    ...(patient.source === null ? {} : { source: patient.source }),
    latest: [...latest.values],
    quarantinedSamples: latest.quarantinedSamples,
    lastContact: latest.lastContact,
    clinicalNow: clinicalTime(patient.demo, context.now),
    ...(speed === undefined ? {} : { clinicalSpeed: speed }),
  };
}

async function doctorNames({
  database,
  keyring,
}: RecordsPorts): Promise<ReadonlyMap<number, string>> {
  const staff = await listStaff(database, keyring);
  return new Map(staff.map(({ id, name }) => [id, name]));
}

function parseReadingsQuery(query: ReadingsQuery): RangeQuery {
  const limit = Math.min(Number(query.limit ?? MAX_READINGS), MAX_READINGS);
  return { ...parseRange(query), limit };
}

async function readings(
  patient: Patient,
  query: RangeQuery,
  { records }: RecordsPorts,
): Promise<Readings> {
  const { runs, next } = await records.range(patient, query);
  return { runs: [...runs], ...(next === undefined ? {} : { next }) };
}
