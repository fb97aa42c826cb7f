import {
  accessLogSchema,
  beginCareSchema,
  breakGlassSchema,
  careOfSchema,
  careRelationSchema,
  careRelationsSchema,
  closeReviewSchema,
  CONSOLE_PATHS,
  endedCareSchema,
  ofMrnSchema,
  openedGlassSchema,
  reviewsSchema,
  type BeginCare,
  type BreakGlassRequest,
  type CareOf,
  type CloseReview,
} from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Database } from "../database/index.ts";
import { ProblemError, type Rule, routeOf } from "../http/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatientByMrn } from "../patients/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { AccessDesk } from "./access-desk.ts";
import { begunOf, describeCare, describeReview, endedOf } from "./describe.ts";
import type { Disclosure } from "./disclosures.ts";
import { CARE_ROLES } from "./grants.ts";
import { actorOf } from "./guard.ts";
import { noteUnknownNumber } from "./unknown-number.ts";

interface AccessRoutePorts {
  readonly access: AccessDesk;
  readonly database: Database;
  readonly keyring: Keyring;
}

const relation = "named-patient";
const administer: Rule = { roles: ["administrator"], relation, stepUp: false };
const emergency: Rule = { roles: CARE_ROLES, relation, stepUp: true };
const oversee: Rule = { roles: ["privacy-officer"], relation, stepUp: false };

/** Adds the console's routes for care relations, emergencies, their reviews and the access log. */
export function addAccessRoutes(server: FastifyInstance, ports: AccessRoutePorts): void {
  addCareRoutes(server, ports.access);
  addBreakGlassRoute(server, ports.access);
  addReviewRoutes(server, ports.access);
  addAccessLogRoute(server, ports);
}

function addCareRoutes(server: FastifyInstance, access: AccessDesk): void {
  const change = { policy: { ...administer, stepUp: true } };
  server.get(
    CONSOLE_PATHS.care,
    { config: { policy: administer }, schema: { response: { 200: careRelationsSchema } } },
    async (request) => {
      const views = (await access.listCare()) ?? [];
      const patients = views.map((view) => view.relation.patientId);
      await noteOperations(request, { what: "care", patients }, access);
      return { relations: views.map(describeCare) };
    },
  );
  server.post<{ Body: BeginCare }>(
    CONSOLE_PATHS.care,
    { config: change, schema: { body: beginCareSchema, response: { 200: careRelationSchema } } },
    async (request) => {
      const outcome = await access.beginCare(request.body, actorOf(signedInOf(request)));
      if (outcome.kind === "patient-unknown") await noteUnknownNumber(request, access);
      return describeCare(begunOf(outcome));
    },
  );
  server.post<{ Body: CareOf }>(
    CONSOLE_PATHS.endCare,
    { config: change, schema: { body: careOfSchema, response: { 200: endedCareSchema } } },
    async (request) => {
      const outcome = await access.endCare(request.body, actorOf(signedInOf(request)));
      if (outcome.kind === "patient-unknown") await noteUnknownNumber(request, access);
      return endedOf(outcome, request.body.mrn);
    },
  );
}

function addBreakGlassRoute(server: FastifyInstance, access: AccessDesk): void {
  server.post<{ Body: BreakGlassRequest }>(
    CONSOLE_PATHS.breakGlass,
    {
      config: { policy: emergency },
      schema: { body: breakGlassSchema, response: { 200: openedGlassSchema } },
    },
    async (request) => {
      const { staff } = signedInOf(request);
      const outcome = await access.breakGlass(request.body, staff, routeOf(request));
      switch (outcome.kind) {
        case "opened": {
          const { id, patientId, endsAt } = outcome.access;
          return { id: String(id), patient: patientId, expires: endsAt };
        }
        case "in-care":
          throw new ProblemError("conflict", "This patient's record is open to you already.");
        case "patient-unknown":
          throw new ProblemError("not-found");
        case "reason-short":
          throw new ProblemError("malformed", "The reason is too short.");
      }
    },
  );
}

function addReviewRoutes(server: FastifyInstance, access: AccessDesk): void {
  server.get(
    CONSOLE_PATHS.reviews,
    { config: { policy: oversee }, schema: { response: { 200: reviewsSchema } } },
    async (request) => {
      const { reviews, altered } = await access.listReviews();
      const patients = reviews.map((view) => view.access.patientId);
      await noteOperations(request, { what: "break-glass", patients }, access);
      return { reviews: reviews.map(describeReview), altered };
    },
  );
  server.post<{ Body: CloseReview }>(
    CONSOLE_PATHS.closeReview,
    { config: { policy: { ...oversee, stepUp: true } }, schema: { body: closeReviewSchema } },
    async (request, reply) => {
      const { id, verdict, note } = request.body;
      const { staff } = signedInOf(request);
      const given = { id: Number(id), verdict, note };
      const outcome = await access.closeReview(given, staff, routeOf(request));
      switch (outcome.kind) {
        case "closed":
          return reply.code(204).send();
        case "closed-already":
          throw new ProblemError("conflict", "This review is closed already.");
        case "own-review":
          throw new ProblemError("not-allowed", "Nobody reviews what they did themselves.");
        case "note-short":
          throw new ProblemError("malformed", "The note is too short.");
        case "unknown":
          throw new ProblemError("not-found");
      }
    },
  );
}

function addAccessLogRoute(server: FastifyInstance, ports: AccessRoutePorts): void {
  const { access, database, keyring } = ports;
  // A question that is asked as a body: addresses are kept in logs and histories, record numbers are not (SR-53).
  server.post<{ Body: { readonly mrn: string } }>(
    CONSOLE_PATHS.accessLog,
    {
      config: { policy: oversee },
      schema: { body: ofMrnSchema, response: { 200: accessLogSchema } },
    },
    async (request) => {
      const patient = await findPatientByMrn(database, keyring, request.body.mrn);
      if (patient === undefined) {
        await noteUnknownNumber(request, access);
        throw new ProblemError("not-found");
      }
      await noteOperations(request, { what: "access-log", patients: [patient.id] }, access);
      return access.accessLog(patient.id);
    },
  );
}

async function noteOperations(
  request: FastifyRequest,
  shown: { readonly what: Disclosure["what"]; readonly patients: readonly string[] },
  access: AccessDesk,
): Promise<void> {
  await access.noteShown({
    actor: actorOf(signedInOf(request)),
    what: shown.what,
    records: [...new Set(shown.patients)].map((patientId) => ({
      patientId,
      purpose: "operations",
    })),
  });
}
