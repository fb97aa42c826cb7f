import {
  beginCareSchema,
  byMrnSchema,
  careOfSchema,
  careRelationSchema,
  careRelationsSchema,
  endedCareSchema,
  OPERATOR_PATHS,
  type BeginCare,
  type CareOf,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { begunOf, describeCare, endedOf, type AccessDesk } from "../access/index.ts";
import { ProblemError } from "../http/index.ts";
import { OPERATOR } from "./operator.ts";

const config = { policy: "operator" } as const;

/** Adds the operator's routes for who has which patient in their care. */
export function addCareRoutes(server: FastifyInstance, access: AccessDesk): void {
  server.get<{ Querystring: { readonly mrn?: string } }>(
    OPERATOR_PATHS.care,
    { config, schema: { querystring: byMrnSchema, response: { 200: careRelationsSchema } } },
    async (request) => {
      const views = await access.listCare(request.query.mrn);
      if (views === undefined) {
        throw new ProblemError("not-found", "No patient has this record number.");
      }
      const patients = new Set(views.map((view) => view.relation.patientId));
      await access.noteShown({
        actor: OPERATOR,
        what: "care",
        records: [...patients].map((patientId) => ({ patientId, purpose: "operations" })),
      });
      return { relations: views.map(describeCare) };
    },
  );
  server.post<{ Body: BeginCare }>(
    OPERATOR_PATHS.care,
    { config, schema: { body: beginCareSchema, response: { 200: careRelationSchema } } },
    async (request) => describeCare(begunOf(await access.beginCare(request.body, OPERATOR))),
  );
  server.post<{ Body: CareOf }>(
    OPERATOR_PATHS.endCare,
    { config, schema: { body: careOfSchema, response: { 200: endedCareSchema } } },
    async (request) => endedOf(await access.endCare(request.body, OPERATOR), request.body.mrn),
  );
}
