import {
  CONSOLE_PATHS,
  evidenceFileSchema,
  evidenceQuerySchema,
  evidenceSchema,
  type EvidenceQuery,
} from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { notOfPatient } from "../access/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import { parseMessageId, SHOWS_PATIENT, showPatient, type ShowPorts } from "../records/index.ts";
import type { EvidenceDesk, EvidenceOutcome } from "./desk.ts";

interface ByMessage {
  readonly Params: { readonly patient: string; readonly messageId: string };
  readonly Querystring: EvidenceQuery;
}

const UNKNOWN: EvidenceOutcome = { kind: "unknown" };
const config = { policy: SHOWS_PATIENT } as const;
/** What is taken along leaves the hospital's hands (SR-20). */
const takeAlong = { policy: { ...SHOWS_PATIENT, stepUp: true } } as const;

/** Routes of the signed original behind any reading: to look at, and as a file that anybody can verify. */
export function addEvidenceRoutes(
  server: FastifyInstance,
  ports: ShowPorts & { readonly evidence: EvidenceDesk },
): void {
  const read = async (
    patient: Patient,
    request: FastifyRequest<ByMessage>,
  ): Promise<Extract<EvidenceOutcome, { readonly kind: "evidence" }>> => {
    const { device } = request.query;
    const messageId = parseMessageId(request.params.messageId);
    const more = device === undefined ? {} : { device };
    const outcome =
      messageId === undefined
        ? UNKNOWN
        : await ports.evidence.read(patient, { messageId, ...more });
    if (outcome.kind === "evidence") return outcome;
    if (outcome.kind === "unknown") throw await notOfPatient(request, ports);
    throw new ProblemError(
      "conflict",
      "Two devices of this patient sent something under this id. Name the device as well.",
    );
  };
  server.get<ByMessage>(
    CONSOLE_PATHS.evidence,
    {
      config,
      schema: { querystring: evidenceQuerySchema, response: { 200: evidenceSchema } },
    },
    async (request) => {
      const look = { what: "evidence" as const, read: (one: Patient) => read(one, request) };
      return (await showPatient(request, look, ports)).evidence;
    },
  );
  server.get<ByMessage>(
    CONSOLE_PATHS.evidenceFile,
    {
      config: takeAlong,
      schema: { querystring: evidenceQuerySchema, response: { 200: evidenceFileSchema } },
    },
    async (request, reply) => {
      const shown = await showPatient(
        request,
        { what: "evidence-file", read: (patient) => read(patient, request) },
        ports,
      );
      // A name says nothing of the patient: it stands in lists of downloads for years.
      const name = `${shown.evidence.message.messageId}.siphms-evidence.json`;
      void reply.header("content-disposition", `attachment; filename="${name}"`);
      return shown.file;
    },
  );
}
