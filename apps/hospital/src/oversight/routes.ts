import {
  activityEntriesSchema,
  activityQuerySchema,
  activitySchema,
  auditChoicesSchema,
  auditEntriesSchema,
  auditSearchSchema,
  CONSOLE_PATHS,
  reviewWeekSchema,
  type ActivityEntries,
  type AuditSearch,
  type ReviewWeek,
} from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { actorOf, noteUnknownNumber, type AccessDesk } from "../access/index.ts";
import { ProblemError, type Rule } from "../http/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { FoundLines, OversightDesk } from "./desk.ts";

interface OversightRoutePorts {
  readonly access: AccessDesk;
  readonly oversight: OversightDesk;
}

const general: Rule = { roles: ["privacy-officer"], relation: "none", stepUp: false };
/** Entries name patients by their numbers. */
const naming: Rule = { ...general, relation: "named-patient" };

/** Routes of the audit search and of the weekly review of activity. */
export function addOversightRoutes(server: FastifyInstance, ports: OversightRoutePorts): void {
  addSearchRoutes(server, ports);
  addActivityRoutes(server, ports);
}

function addSearchRoutes(
  server: FastifyInstance,
  { access, oversight }: OversightRoutePorts,
): void {
  server.get(
    CONSOLE_PATHS.auditChoices,
    { config: { policy: general }, schema: { response: { 200: auditChoicesSchema } } },
    () => oversight.choices(),
  );
  // A question that is asked as a body: addresses are kept in logs and histories, record numbers are not (SR-53).
  server.post<{ Body: AuditSearch }>(
    CONSOLE_PATHS.auditSearch,
    {
      config: { policy: naming },
      schema: { body: auditSearchSchema, response: { 200: auditEntriesSchema } },
    },
    async (request) => {
      const outcome = await oversight.search(request.body, actorOf(signedInOf(request)));
      switch (outcome.kind) {
        case "found":
          return show(request, outcome, access);
        case "patient-unknown":
          await noteUnknownNumber(request, access);
          throw new ProblemError("not-found");
        case "patient-needed":
          throw new ProblemError(
            "malformed",
            "Stored readings are found for one patient only. Name the patient.",
          );
      }
    },
  );
}

function addActivityRoutes(
  server: FastifyInstance,
  { access, oversight }: OversightRoutePorts,
): void {
  server.get<{ Querystring: { readonly week?: string } }>(
    CONSOLE_PATHS.activity,
    {
      config: { policy: general },
      schema: { querystring: activityQuerySchema, response: { 200: activitySchema } },
    },
    async (request) => {
      const { week } = request.query;
      const activity = await oversight.activity(week, actorOf(signedInOf(request)));
      if (activity === undefined) throw new ProblemError("not-found");
      return activity;
    },
  );
  server.post<{ Body: ActivityEntries }>(
    CONSOLE_PATHS.activityEntries,
    {
      config: { policy: naming },
      schema: { body: activityEntriesSchema, response: { 200: auditEntriesSchema } },
    },
    async (request) => {
      const found = await oversight.behind(request.body, actorOf(signedInOf(request)));
      if (found === undefined) throw new ProblemError("not-found");
      return show(request, found, access);
    },
  );
  server.post<{ Body: ReviewWeek }>(
    CONSOLE_PATHS.reviewWeek,
    { config: { policy: { ...general, stepUp: true } }, schema: { body: reviewWeekSchema } },
    async (request, reply) => {
      const outcome = await oversight.review(request.body, actorOf(signedInOf(request)));
      switch (outcome.kind) {
        case "reviewed":
          return reply.code(204).send();
        case "note-short":
          throw new ProblemError("malformed", "The note is too short.");
        case "reviewed-already":
          throw new ProblemError("conflict", "This week is reviewed already.");
        case "running":
          throw new ProblemError("conflict", "This week is not over yet.");
        case "unknown":
          throw new ProblemError("not-found");
      }
    },
  );
}

/** Whose record numbers are about to be shown is noted with each of them. */
async function show(
  request: FastifyRequest,
  { answer, patients }: FoundLines,
  access: AccessDesk,
): Promise<FoundLines["answer"]> {
  await access.noteShown({
    actor: actorOf(signedInOf(request)),
    what: "audit",
    records: patients.map((patientId) => ({ patientId, purpose: "operations" })),
  });
  return answer;
}
