import {
  ofMrnSchema,
  OPERATOR_PATHS,
  operatorNoticesSchema,
  sendNoticeSchema,
  sentNoticeSchema,
  type SendNotice,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { NOTICES } from "@siphms/messages";
import type { Clock } from "@siphms/server-kit";
import { kindByName } from "@siphms/vitals";
import type { FastifyInstance } from "fastify";
import { appendAudit, auditNameOfDevice } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import { listDevicesOfPatient, type Device } from "../enrolment/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import { listNotices, type NewNotice } from "../sessions/index.ts";
import { callerOf, noteShown, patientFor, RECORD_RULE, type CallerPorts } from "./caller.ts";

/** What the routes for notices need. */
export interface NoticePorts extends CallerPorts {
  readonly clock: Clock;
  /** Queues a notice for a device; false where it is not active. */
  readonly queueNotice: (tx: Transaction, notice: NewNotice) => Promise<boolean>;
}

type NoticeContent = Pick<NewNotice, "kind" | "body">;

const config = { policy: RECORD_RULE } as const;

/** Adds the routes for notices to patients' devices. */
export function addNoticeRoutes(server: FastifyInstance, ports: NoticePorts): void {
  server.post<{ Body: SendNotice }>(
    OPERATOR_PATHS.notices,
    { config, schema: { body: sendNoticeSchema, response: { 200: sentNoticeSchema } } },
    async (request) => {
      const { mrn, kind } = request.body;
      const { patient } = await patientFor(request, mrn, ports);
      const sending = { wanted: request.body, patient, actor: callerOf(request) };
      const devices = await sendNotice(sending, ports);
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

/** Queues a notice for each active device that is meant, all or none. @returns those devices. */
async function sendNotice(
  { wanted, patient, actor }: { wanted: SendNotice; patient: Patient; actor: string },
  { database, keyring, clock, queueNotice }: NoticePorts,
): Promise<readonly Device[]> {
  const content = contentOf(wanted);
  return database.withTransaction(async (tx) => {
    const told: Device[] = [];
    for (const device of await listDevicesOfPatient(tx, keyring, patient.id)) {
      const isMeant = wanted.device === undefined || toBase64Url(device.kid) === wanted.device;
      if (isMeant && (await queueNotice(tx, { deviceId: device.id, ...content }))) {
        told.push(device);
      }
    }
    await appendAudit(
      tx,
      told.map(({ kid }) => ({
        at: clock.now(),
        event: "notice.queued",
        actor,
        subject: patient.id,
        object: auditNameOfDevice(kid),
        action: "create",
        outcome: "done",
        detail: { kind: content.kind },
      })),
    );
    return told;
  });
}

function contentOf(wanted: SendNotice): NoticeContent {
  const { kind } = wanted;
  switch (kind) {
    case "message":
      // Half of a pair that stands for one character is no text that can be sent.
      if (/\p{Surrogate}/u.test(wanted.text)) throw new ProblemError("malformed");
      return { kind, body: NOTICES.message.encode({ text: wanted.text }) };
    case "measure-now": {
      const { until } = wanted;
      const kinds = wanted.kinds?.flatMap((name) => kindByName(name)?.kind ?? []);
      const body = NOTICES["measure-now"].encode({
        ...(kinds === undefined ? {} : { kinds }),
        ...(until === undefined ? {} : { until }),
      });
      return { kind, body };
    }
    case "limits-changed":
      return { kind, body: NOTICES["limits-changed"].encode({}) };
  }
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
