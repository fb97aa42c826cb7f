import {
  CONSOLE_PATHS,
  evidenceFileSchema,
  evidenceQuerySchema,
  evidenceSchema,
  type Evidence,
  type EvidenceQuery,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { MESSAGE_ID_BYTES } from "@siphms/messages";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import { SHOWS_PATIENT, showPatient, type ShowPorts } from "../records/index.ts";
import type { EvidenceDesk } from "./desk.ts";

interface ByMessage {
  readonly Params: { readonly patient: string; readonly messageId: string };
  readonly Querystring: EvidenceQuery;
}

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
    { params, query }: { readonly params: ByMessage["Params"]; readonly query: EvidenceQuery },
  ): Promise<Evidence> => {
    const { device } = query;
    const named = {
      messageId: requireId(params.messageId),
      ...(device === undefined ? {} : { device }),
    };
    const outcome = await ports.evidence.read(patient, named);
    if (outcome.kind === "evidence") return outcome.evidence;
    if (outcome.kind === "unknown") throw new ProblemError("not-found");
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
    (request) =>
      showPatient(request, { what: "evidence", read: (patient) => read(patient, request) }, ports),
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
      const name = `${shown.message.messageId}.siphms-evidence.json`;
      void reply.header("content-disposition", `attachment; filename="${name}"`);
      return shown.file;
    },
  );
}

/** An id that stands for 16 bytes and is written as they are written. @throws {ProblemError} `not-found` */
function requireId(text: string): string {
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  const isId = bytes.length === MESSAGE_ID_BYTES && toBase64Url(bytes) === text;
  if (!isId) throw new ProblemError("not-found");
  return text;
}
