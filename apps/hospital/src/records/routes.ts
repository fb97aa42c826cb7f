import {
  CONSOLE_PATHS,
  MAX_READINGS,
  patientDetailSchema,
  patientListSchema,
  quarantineSummarySchema,
  readingsQuerySchema,
  readingsSchema,
  trendsQuerySchema,
  trendsSchema,
  type PatientDetail,
  type PatientDevice,
  type PatientList,
  type PatientSummary,
  type Readings,
  type ReadingsQuery,
  type Trends,
  type TrendsQuery,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { actorOf, CARE_ROLES, grantOf, type Grant } from "../access/index.ts";
import { listDevicesOfPatient, openDeviceName, readContacts } from "../enrolment/index.ts";
import { routeOf, type Rule } from "../http/index.ts";
import { clinicalSpeed, clinicalTime, findPatients, type Patient } from "../patients/index.ts";
import { listStaff, signedInOf } from "../staff/index.ts";
import { attributionsOf } from "./attributions.ts";
import { mapTogether } from "./map-together.ts";
import { parseRange } from "./parse-range.ts";
import type { RangeQuery } from "./range-query.ts";
import type { Records } from "./records.ts";
import { SHOWS_PATIENT, showPatient, type ByPatient, type ShowPorts } from "./shown-patient.ts";

interface RecordsPorts extends ShowPorts {
  readonly records: Records;
}

const ownPatients: Rule = { roles: CARE_ROLES, relation: "own-patients", stepUp: false };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const onePatient = { policy: SHOWS_PATIENT };

/** Routes of the worklist and of one patient's readings. */
export function addRecordsRoutes(server: FastifyInstance, ports: RecordsPorts): void {
  server.get(
    CONSOLE_PATHS.patients,
    { config: { policy: ownPatients }, schema: { response: { 200: patientListSchema } } },
    (request) => worklist(request, ports),
  );

  server.get<{ Querystring: TrendsQuery }>(
    CONSOLE_PATHS.trends,
    {
      config: { policy: ownPatients },
      schema: { querystring: trendsQuerySchema, response: { 200: trendsSchema } },
    },
    (request) => trends(request, ports),
  );

  server.get<ByPatient>(
    CONSOLE_PATHS.patient,
    { config: onePatient, schema: { response: { 200: patientDetailSchema } } },
    (request) => {
      const read = (patient: Patient) => detail(patient, grantOf(request), ports);
      return showPatient(request, { what: "patient", read }, ports);
    },
  );

  server.get<ByPatient & { Querystring: ReadingsQuery }>(
    CONSOLE_PATHS.readings,
    {
      config: onePatient,
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
    { config: onePatient, schema: { response: { 200: quarantineSummarySchema } } },
    (request) => {
      const read = (patient: Patient) => ports.records.quarantine(patient.id);
      return showPatient(request, { what: "quarantine", read }, ports);
    },
  );
}

/** The patients who are open to the person at this moment, and nobody else. */
async function worklist(request: FastifyRequest, ports: RecordsPorts): Promise<PatientList> {
  const { access, database, keyring } = ports;
  const signedIn = signedInOf(request);
  const grants = await access.grantsOf(signedIn.staff.id);
  const records = [...grants.values()];
  await access.noteShown({ actor: actorOf(signedIn), what: "worklist", records });
  const now = ports.clock.now();
  const patients = await findPatients(database, keyring, [...grants.keys()]);
  const doctors = await doctorNames(ports);
  const summaries = await mapTogether(patients, async (patient) => {
    const grant = grants.get(patient.id);
    return grant === undefined ? [] : [await summary(patient, { now, doctors, grant }, ports)];
  });
  return { patients: summaries.flat(), attributions: [...attributionsOf(patients)], now };
}

/** Small curves of those whom the query names, as far as they are open to the person. */
async function trends(
  request: FastifyRequest<{ Querystring: TrendsQuery }>,
  { access, database, keyring, clock, records }: RecordsPorts,
): Promise<Trends> {
  const signedIn = signedInOf(request);
  const grants = await access.grantsOf(signedIn.staff.id);
  const named = new Set([request.query.patient].flat());
  const shown = [...grants.values()].filter(({ patientId }) => named.has(patientId));
  await noteForeign(
    request,
    [...named].filter((id) => !grants.has(id)),
    access,
  );
  await access.noteShown({ actor: actorOf(signedIn), what: "trends", records: shown });
  const ids = shown.map(({ patientId }) => patientId);
  const patients = await findPatients(database, keyring, ids);
  return { trends: await mapTogether(patients, (patient) => records.trend(patient, clock.now())) };
}

/** Who is left out of an answer because they are not the person's stands in the log as if each had been asked for alone. */
async function noteForeign(
  request: FastifyRequest,
  ids: readonly string[],
  access: RecordsPorts["access"],
): Promise<void> {
  const actor = actorOf(signedInOf(request));
  const route = routeOf(request);
  for (const patientId of ids) {
    await access.noteRefused({
      ...{ actor, route, why: "relation" },
      patientId: UUID.test(patientId) ? patientId : undefined,
    });
  }
}

async function detail(patient: Patient, grant: Grant, ports: RecordsPorts): Promise<PatientDetail> {
  const { database, keyring } = ports;
  const doctors = await doctorNames(ports);
  const bound = await listDevicesOfPatient(database, keyring, patient.id);
  const seen = await readContacts(
    database,
    bound.map((device) => device.id),
  );
  const devices: PatientDevice[] = [];
  for (const device of bound) {
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
  return { ...(await summary(patient, { now, doctors, grant }, ports)), devices };
}

interface SummaryContext {
  readonly now: number;
  readonly doctors: ReadonlyMap<number, string>;
  readonly grant: Grant;
}

async function summary(
  patient: Patient,
  { now, doctors, grant }: SummaryContext,
  { records }: RecordsPorts,
): Promise<PatientSummary> {
  const { mrn, name, birthDate, sex, problem } = patient.demographics;
  const doctor = patient.doctorId === null ? undefined : doctors.get(patient.doctorId);
  const latest = await records.latest(patient);
  const speed = clinicalSpeed(patient.demo, now);
  return {
    id: patient.id,
    mrn,
    name,
    birthDate,
    sex,
    problem,
    ...(doctor === undefined ? {} : { doctor }),
    ...(patient.source === null ? {} : { source: patient.source }),
    ...emergencyOf(grant),
    latest: [...latest.values],
    quarantinedSamples: latest.quarantinedSamples,
    lastContact: latest.lastContact,
    clinicalNow: clinicalTime(patient.demo, now),
    ...(speed === undefined ? {} : { clinicalSpeed: speed }),
  };
}

/** Until when a record is open that is so only in an emergency: the screen says so for as long as it shows it. */
function emergencyOf({ purpose, until }: Grant): Pick<PatientSummary, "breakGlassUntil"> {
  return purpose === "break-glass" && until !== null ? { breakGlassUntil: until } : {};
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
