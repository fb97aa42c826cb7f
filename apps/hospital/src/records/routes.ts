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
import type { Clock } from "@siphms/server-kit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Database } from "../database/index.ts";
import { listDevicesOfPatient, openDeviceName, readContacts } from "../enrolment/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Keyring } from "../keys/index.ts";
import {
  clinicalSpeed,
  clinicalTime,
  findPatient,
  listPatients,
  type Patient,
} from "../patients/index.ts";
import { listStaff, signedInOf } from "../staff/index.ts";
import { attributionsOf } from "./attributions.ts";
import { CARE_ROLES, noteDisclosure, type Disclosure } from "./disclosure.ts";
import type { Records } from "./records.ts";

interface RecordsPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly records: Records;
}

interface ByPatient {
  readonly Params: { readonly patient: string };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const care = { policy: CARE_ROLES };

/** Routes of the worklist and of one patient's readings. */
export function addRecordsRoutes(server: FastifyInstance, ports: RecordsPorts): void {
  server.get(
    CONSOLE_PATHS.patients,
    { config: care, schema: { response: { 200: patientListSchema } } },
    async (request) => {
      await note(request, { what: "worklist" }, ports);
      return worklist(ports);
    },
  );

  server.get<ByPatient>(
    CONSOLE_PATHS.patient,
    { config: care, schema: { response: { 200: patientDetailSchema } } },
    async (request) => {
      const patient = await patientOf(request, "patient", ports);
      return detail(patient, ports);
    },
  );

  server.get<ByPatient & { Querystring: ReadingsQuery }>(
    CONSOLE_PATHS.readings,
    {
      config: care,
      schema: { querystring: readingsQuerySchema, response: { 200: readingsSchema } },
    },
    async (request) => {
      const patient = await patientOf(request, "readings", ports);
      return readings(patient, request.query, ports);
    },
  );

  server.get<ByPatient>(
    CONSOLE_PATHS.quarantine,
    { config: care, schema: { response: { 200: quarantineSummarySchema } } },
    async (request) => {
      const patient = await patientOf(request, "quarantine", ports);
      return ports.records.quarantine(patient.id);
    },
  );
}

/** The patient that a request names, after it was noted who looks. An id that is none looks like one that is nobody's. */
async function patientOf(
  request: FastifyRequest<ByPatient>,
  what: Disclosure["what"],
  ports: RecordsPorts,
): Promise<Patient> {
  const id = request.params.patient;
  const patient = UUID.test(id) ? await findPatient(ports.database, ports.keyring, id) : undefined;
  if (patient === undefined) throw new ProblemError("not-found");
  await note(request, { what, patientId: patient.id }, ports);
  return patient;
}

async function note(
  request: FastifyRequest,
  shown: Pick<Disclosure, "patientId" | "what">,
  { database, clock }: RecordsPorts,
): Promise<void> {
  const { staff } = signedInOf(request);
  await noteDisclosure(database, {
    ...shown,
    at: clock.now(),
    actor: `staff:${String(staff.id)}`,
  });
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

async function readings(
  patient: Patient,
  query: ReadingsQuery,
  { records }: RecordsPorts,
): Promise<Readings> {
  const [from, to] = [Number(query.from), Number(query.to)];
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to) {
    throw new ProblemError("malformed", "The range must begin before it ends.");
  }
  const kinds = query.kind === undefined ? undefined : [query.kind].flat();
  const limit = Math.min(Number(query.limit ?? MAX_READINGS), MAX_READINGS);
  const { samples, next } = await records.range(patient, {
    from,
    to,
    limit,
    ...(kinds === undefined ? {} : { kinds }),
  });
  return { samples: [...samples], ...(next === undefined ? {} : { next }) };
}
