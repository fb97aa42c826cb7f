import {
  CONSOLE_PATHS,
  newMessageSchema,
  patientMessagesSchema,
  sentMessageSchema,
  type NewMessage,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { FastifyInstance } from "fastify";
import { actorOf, grantOf } from "../access/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import { SHOWS_PATIENT, showPatient, type ByPatient, type ShowPorts } from "../records/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { NoticeDesk } from "./desk.ts";

const config = { policy: SHOWS_PATIENT } as const;

/** Routes of the messages between staff and a patient's devices. */
export function addMessageRoutes(
  server: FastifyInstance,
  ports: ShowPorts & { readonly notices: NoticeDesk },
): void {
  const { notices } = ports;
  server.get<ByPatient>(
    CONSOLE_PATHS.messages,
    { config, schema: { response: { 200: patientMessagesSchema } } },
    (request) => {
      const read = async ({ id }: Patient) => ({ messages: [...(await notices.list(id))] });
      return showPatient(request, { what: "messages", read, isPolled: true }, ports);
    },
  );
  server.post<ByPatient & { Body: NewMessage }>(
    CONSOLE_PATHS.messages,
    { config, schema: { body: newMessageSchema, response: { 200: sentMessageSchema } } },
    async (request) => {
      const { patientId } = grantOf(request);
      const actor = actorOf(signedInOf(request));
      const devices = await notices.send(request.body, { patientId, actor });
      if (devices.length === 0) throw noSuchDevice(request.body);
      return { devices: devices.map(({ kid }) => toBase64Url(kid)) };
    },
  );
}

function noSuchDevice({ device }: NewMessage): ProblemError {
  return new ProblemError(
    "conflict",
    device === undefined
      ? "This patient has no active device. Enrol one first."
      : "This is no active device of this patient. Look at the list of devices.",
  );
}
