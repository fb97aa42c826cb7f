import {
  ofMrnSchema,
  OPERATOR_PATHS,
  operatorNoticesSchema,
  sendNoticeSchema,
  sentNoticeSchema,
  type SendNotice,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { FastifyInstance } from "fastify";
import { listDevicesOfPatient } from "../enrolment/index.ts";
import { ProblemError } from "../http/index.ts";
import type { NoticeDesk } from "../notices/index.ts";
import type { Patient } from "../patients/index.ts";
import { listNotices } from "../sessions/index.ts";
import { callerOf, noteShown, patientFor, RECORD_RULE, type CallerPorts } from "./caller.ts";

/** What the routes for notices need. */
export interface NoticePorts extends CallerPorts {
  readonly notices: NoticeDesk;
}

const config = { policy: RECORD_RULE } as const;

/** Adds the routes for notices to patients' devices. */
export function addNoticeRoutes(server: FastifyInstance, ports: NoticePorts): void {
  server.post<{ Body: SendNotice }>(
    OPERATOR_PATHS.notices,
    { config, schema: { body: sendNoticeSchema, response: { 200: sentNoticeSchema } } },
    async (request) => {
      const { mrn, kind } = request.body;
      const { patient } = await patientFor(request, mrn, ports);
      const to = { patientId: patient.id, actor: callerOf(request) };
      const devices = await ports.notices.send(request.body, to);
      if (devices.length === 0) throw noSuchDevice(request.body);
      return { mrn, kind, devices: devices.map(({ kid }) => toBase64Url(kid)) };
    },
  );
  server.get<{ Querystring: { readonly mrn: string } }>(
    OPERATOR_PATHS.notices,
    {
      config,
      schema: { querystring: ofMrnSchema, response: { 200: operatorNoticesSchema } },
    },
    async (request) => {
      const { patient, purpose } = await patientFor(request, request.query.mrn, ports);
      const records = [{ patientId: patient.id, purpose }];
      await noteShown(request, { what: "messages", records }, ports);
      return { notices: await describeNotices(patient, ports) };
    },
  );
}

async function describeNotices(patient: Patient, { database, keyring }: NoticePorts) {
  const devices = await listDevicesOfPatient(database, keyring, patient.id);
  const kids = new Map(devices.map(({ id, kid }) => [id, toBase64Url(kid)]));
  const notices = await listNotices(database, [...kids.keys()]);
  return notices.map(({ deviceId, kind, createdAt, seenAt }) => ({
    device: kids.get(deviceId) ?? "",
    kind,
    created: createdAt,
    ...(seenAt === null ? {} : { seen: seenAt }),
  }));
}

function noSuchDevice({ device }: SendNotice): ProblemError {
  return new ProblemError(
    "conflict",
    device === undefined
      ? "This patient has no active device. Enrol one first."
      : "This is no active device of this patient. Look at the list of devices.",
  );
}
