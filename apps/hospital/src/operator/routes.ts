import { Readable } from "node:stream";
import {
  byMrnSchema,
  checkReportSchema,
  confirmedEnrolmentSchema,
  confirmEnrolmentSchema,
  countersSchema,
  enrolmentsSchema,
  healthSchema,
  invitationSchema,
  ofMrnSchema,
  OPERATOR_PATHS,
  operatorDevicesSchema,
  operatorPatientsSchema,
  operatorReadingsQuerySchema,
  operatorSummaryQuerySchema,
  registeredPatientSchema,
  registerPatientSchema,
  registrationSchema,
  revokedDeviceSchema,
  revokeDeviceSchema,
  summarySchema,
  type CheckReport,
  type ConfirmEnrolment,
  type Counters,
  type OperatorDevice,
  type OperatorPatient,
  type OperatorSummaryQuery,
  type RegisterPatient,
  type Registration,
} from "@siphms/api";
import { fromBase64Url, toBase64Url } from "@siphms/cose";
import type { Clock, Health, Metrics } from "@siphms/server-kit";
import { kindByName } from "@siphms/vitals";
import type { FastifyInstance } from "fastify";
import type { AccessDesk, Disclosure } from "../access/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import {
  listDevices,
  listDevicesOfPatient,
  openDeviceName,
  readContacts,
  type Device,
  type EnrolmentDesk,
} from "../enrolment/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatient, findPatientByMrn, listPatients, type Patient } from "../patients/index.ts";
import type { Records } from "../records/index.ts";
import type { NewNotice } from "../sessions/index.ts";
import { listStaff, type StaffDesk } from "../staff/index.ts";
import type { KeyDesk } from "./key-desk.ts";
import { addCareRoutes } from "./care-routes.ts";
import { addKeyRoutes } from "./key-routes.ts";
import { addNoticeRoutes } from "./notice-routes.ts";
import { OPERATOR } from "./operator.ts";
import { parseSummaryQuery, summaryOf } from "../summaries/index.ts";
import { readingLines } from "./readings-stream.ts";
import { addStaffAccountRoutes } from "./staff-routes.ts";

/** What the operator's routes need. */
export interface OperatorPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly enrolment: EnrolmentDesk;
  readonly staff: StaffDesk;
  readonly access: AccessDesk;
  readonly records: Records;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly registration: Registration;
  readonly check: () => Promise<CheckReport>;
  readonly counters: () => Promise<Counters>;
  readonly keys: KeyDesk;
  /** Queues a notice for a device; false where it is not active. */
  readonly queueNotice: (tx: Transaction, notice: NewNotice) => Promise<boolean>;
}

interface ByMrn {
  readonly Querystring: { readonly mrn?: string };
}

const config = { policy: "operator" } as const;
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** Adds the operator's routes to the server on the private socket. */
export function addOperatorRoutes(server: FastifyInstance, ports: OperatorPorts): void {
  addInstallationRoutes(server, ports);
  addStaffAccountRoutes(server, ports.staff);
  addCareRoutes(server, ports.access);
  addPatientRoutes(server, ports);
  addEnrolmentRoutes(server, ports);
  addDeviceRoutes(server, ports);
  addReadingsRoute(server, ports);
  addKeyRoutes(server, ports.keys);
  addNoticeRoutes(server, {
    ...ports,
    patientByMrn: (mrn) => byMrn(mrn, ports),
    disclose: (patientId) => disclose(ports, "devices", [patientId]),
  });
  addSummaryRoute(server, ports);
}

function addInstallationRoutes(server: FastifyInstance, ports: OperatorPorts): void {
  const { health, metrics } = ports;
  server.get(
    OPERATOR_PATHS.health,
    { config, schema: { response: { 200: healthSchema, 503: healthSchema } } },
    async (_request, reply) => {
      const { ok, failing } = await health.check();
      const checks = Object.fromEntries(failing.map((name) => [name, false]));
      return reply.code(ok ? 200 : 503).send({ status: ok ? "ok" : "failing", checks });
    },
  );
  server.get(OPERATOR_PATHS.metrics, { config }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
  server.get(
    OPERATOR_PATHS.counters,
    { config, schema: { response: { 200: countersSchema } } },
    () => ports.counters(),
  );
  server.get(
    OPERATOR_PATHS.registration,
    { config, schema: { response: { 200: registrationSchema } } },
    () => ports.registration,
  );
  server.get(
    OPERATOR_PATHS.check,
    { config, schema: { response: { 200: checkReportSchema } } },
    () => ports.check(),
  );
}

function addPatientRoutes(server: FastifyInstance, ports: OperatorPorts): void {
  const { database, keyring, enrolment } = ports;
  server.post<{ Body: RegisterPatient }>(
    OPERATOR_PATHS.patients,
    {
      config,
      schema: { body: registerPatientSchema, response: { 200: registeredPatientSchema } },
    },
    async (request) => {
      const outcome = await enrolment.register(request.body, OPERATOR);
      switch (outcome.kind) {
        case "registered":
          return { patient: outcome.patientId, mrn: request.body.mrn };
        case "demo-only":
          throw new ProblemError("demo-only");
        case "doctor-unknown":
          throw new ProblemError(
            "conflict",
            "No doctor of this name is there. Add the doctor first.",
          );
        case "date-impossible":
          throw new ProblemError("malformed", "A date is not one of the calendar.");
        case "mrn-taken":
          throw new ProblemError("conflict", "A patient with this record number is there already.");
      }
    },
  );
  server.get<ByMrn>(
    OPERATOR_PATHS.patients,
    {
      config,
      schema: { querystring: byMrnSchema, response: { 200: operatorPatientsSchema } },
    },
    async (request) => {
      const { mrn } = request.query;
      const patients =
        mrn === undefined ? await listPatients(database, keyring) : [await byMrn(mrn, ports)];
      const ids = patients.map(({ id }) => id);
      await disclose(ports, "patient", ids);
      const staff = new Map((await listStaff(database, keyring)).map((one) => [one.id, one.name]));
      return { patients: patients.map((patient) => describePatient(patient, staff)) };
    },
  );
}

function addEnrolmentRoutes(server: FastifyInstance, ports: OperatorPorts): void {
  const { enrolment } = ports;
  server.post<{ Body: { readonly mrn: string } }>(
    OPERATOR_PATHS.invitations,
    { config, schema: { body: ofMrnSchema, response: { 200: invitationSchema } } },
    async (request) => {
      const outcome = await enrolment.invite(request.body.mrn, OPERATOR);
      if (outcome.kind !== "invited") throw unknownPatient();
      return { link: outcome.link, expires: outcome.expires };
    },
  );
  server.get(
    OPERATOR_PATHS.enrolments,
    { config, schema: { response: { 200: enrolmentsSchema } } },
    async () => {
      const views = await enrolment.enrolments();
      const mrns = await mrnsOf(ports);
      return views.map(({ device, code }) => ({
        device: toBase64Url(device.kid),
        mrn: mrns.get(device.patientId) ?? "",
        code: code ?? "",
        state: device.state,
      }));
    },
  );
  server.post<{ Body: ConfirmEnrolment }>(
    OPERATOR_PATHS.confirmEnrolment,
    {
      config,
      schema: { body: confirmEnrolmentSchema, response: { 200: confirmedEnrolmentSchema } },
    },
    async (request) => {
      const { mrn, code } = request.body;
      const outcome = await enrolment.confirm({ mrn, code }, OPERATOR);
      switch (outcome.kind) {
        case "confirmed":
          return { device: toBase64Url(outcome.kid), mrn, state: "active" as const };
        case "patient-unknown":
          throw unknownPatient();
        case "nothing-pending":
          throw new ProblemError("conflict", "No device of this patient waits for a confirmation.");
        case "code-differs":
          throw new ProblemError(
            "conflict",
            "No waiting device of this patient shows these digits. If the patient reads other digits than the list shows, somebody stands between: revoke the device and make a new invitation.",
          );
      }
    },
  );
}

function addDeviceRoutes(server: FastifyInstance, ports: OperatorPorts): void {
  const { database, keyring, enrolment } = ports;
  server.get<ByMrn>(
    OPERATOR_PATHS.devices,
    {
      config,
      schema: { querystring: byMrnSchema, response: { 200: operatorDevicesSchema } },
    },
    async (request) => {
      const { mrn } = request.query;
      const patient = mrn === undefined ? undefined : await byMrn(mrn, ports);
      const devices =
        patient === undefined
          ? await listDevices(database, keyring)
          : await listDevicesOfPatient(database, keyring, patient.id);
      const patients = devices.map(({ patientId }) => patientId);
      await disclose(ports, "devices", patients);
      return { devices: await describeDevices(devices, ports) };
    },
  );
  server.post<{ Body: { readonly kid: string } }>(
    OPERATOR_PATHS.revokeDevice,
    { config, schema: { body: revokeDeviceSchema, response: { 200: revokedDeviceSchema } } },
    async (request) => {
      const { kid } = request.body;
      const outcome = await enrolment.revoke(fromBase64Url(kid), OPERATOR);
      const patient =
        outcome.kind === "revoked"
          ? await findPatient(database, keyring, outcome.patientId)
          : undefined;
      if (patient === undefined) throw new ProblemError("not-found", "There is no such device.");
      return { kid, mrn: patient.demographics.mrn, state: "revoked" as const };
    },
  );
}

function addReadingsRoute(server: FastifyInstance, ports: OperatorPorts): void {
  server.get<{
    Querystring: {
      readonly mrn: string;
      readonly from?: string;
      readonly to?: string;
      readonly kind?: string | readonly string[];
    };
  }>(
    OPERATOR_PATHS.readings,
    { config, schema: { querystring: operatorReadingsQuerySchema } },
    async (request, reply) => {
      const { mrn, from, to, kind } = request.query;
      const kinds = kind === undefined ? undefined : [kind].flat();
      const unknown = kinds?.find((name) => kindByName(name) === undefined);
      if (unknown !== undefined) {
        throw new ProblemError("malformed", "There is no such kind of reading.");
      }
      const patient = await byMrn(mrn, ports);
      await disclose(ports, "readings", [patient.id]);
      const lines = readingLines(ports.records, patient, {
        from: Number(from ?? 0),
        to: to === undefined ? END_OF_TIME : Number(to),
        ...(kinds === undefined ? {} : { kinds }),
      });
      return reply.type("application/x-ndjson").send(Readable.from(lines));
    },
  );
}

function addSummaryRoute(server: FastifyInstance, ports: OperatorPorts): void {
  server.get<{ Querystring: OperatorSummaryQuery }>(
    OPERATOR_PATHS.summary,
    {
      config,
      schema: { querystring: operatorSummaryQuerySchema, response: { 200: summarySchema } },
    },
    async (request) => {
      const { mrn, from = "0", to = String(END_OF_TIME), ...rest } = request.query;
      const query = parseSummaryQuery({ ...rest, from, to }, ports);
      const patient = await byMrn(mrn, ports);
      await disclose(ports, "summary", [patient.id]);
      return summaryOf(patient, query, ports);
    },
  );
}

async function byMrn(mrn: string, { database, keyring }: OperatorPorts): Promise<Patient> {
  const patient = await findPatientByMrn(database, keyring, mrn);
  if (patient === undefined) throw unknownPatient();
  return patient;
}

async function mrnsOf({ database, keyring }: OperatorPorts): Promise<ReadonlyMap<string, string>> {
  const patients = await listPatients(database, keyring);
  return new Map(patients.map(({ id, demographics }) => [id, demographics.mrn]));
}

async function disclose(
  { access }: OperatorPorts,
  what: Disclosure["what"],
  patients: readonly string[],
): Promise<void> {
  const records = [...new Set(patients)].map(
    (patientId) => ({ patientId, purpose: "operations" }) as const,
  );
  await access.noteShown({ actor: OPERATOR, what, records });
}

function describePatient(patient: Patient, staff: ReadonlyMap<number, string>): OperatorPatient {
  const { mrn, name, birthDate, sex, problem, lastVisit } = patient.demographics;
  const doctor = patient.doctorId === null ? undefined : staff.get(patient.doctorId);
  return {
    patient: patient.id,
    mrn,
    name,
    birthDate,
    sex,
    problem,
    ...(doctor === undefined ? {} : { doctor }),
    ...(lastVisit === undefined ? {} : { lastVisit }),
    ...(patient.demo === null ? {} : { demo: patient.demo }),
    ...(patient.source === null ? {} : { source: patient.source }),
    registered: patient.registeredAt,
  };
}

async function describeDevices(
  devices: readonly Device[],
  ports: OperatorPorts,
): Promise<OperatorDevice[]> {
  const { database, keyring } = ports;
  const mrns = await mrnsOf(ports);
  const seen = await readContacts(
    database,
    devices.map(({ id }) => id),
  );
  const described: OperatorDevice[] = [];
  for (const device of devices) {
    const lastSeen = seen.get(device.id);
    described.push({
      kid: toBase64Url(device.kid),
      mrn: mrns.get(device.patientId) ?? "",
      name: await openDeviceName(database, keyring, device),
      state: device.state,
      enrolled: device.enrolledAt,
      ...(lastSeen === undefined ? {} : { lastSeen }),
    });
  }
  return described;
}

function unknownPatient(): ProblemError {
  return new ProblemError("not-found", "No patient has this record number.");
}
