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
import { begunOf, describeCare, endedOf, noteUnknownNumber } from "../access/index.ts";
import {
  CARE_CHANGE_RULE,
  CARE_RULE,
  callerOf,
  noteShown,
  outOfReach,
  reachOf,
  type CallerPorts,
} from "./caller.ts";

const config = { policy: CARE_RULE } as const;
const changes = { policy: CARE_CHANGE_RULE } as const;

/** Adds the routes for who has which patient in their care. */
export function addCareRoutes(server: FastifyInstance, ports: CallerPorts): void {
  const { access } = ports;
  server.get<{ Querystring: { readonly mrn?: string } }>(
    OPERATOR_PATHS.care,
    { config, schema: { querystring: byMrnSchema, response: { 200: careRelationsSchema } } },
    async (request) => {
      const views = await access.listCare(request.query.mrn);
      if (views === undefined) {
        await noteUnknownNumber(request, access);
        throw outOfReach();
      }
      const reach = await reachOf(request, ports);
      const records = views.map(({ relation: { patientId } }) => ({
        patientId,
        purpose: reach(patientId) ?? "operations",
      }));
      await noteShown(request, { what: "care", records }, ports);
      return { relations: views.map(describeCare) };
    },
  );
  server.post<{ Body: BeginCare }>(
    OPERATOR_PATHS.care,
    { config: changes, schema: { body: beginCareSchema, response: { 200: careRelationSchema } } },
    async (request) => {
      const outcome = await access.beginCare(request.body, callerOf(request));
      if (outcome.kind === "patient-unknown") await noteUnknownNumber(request, access);
      return describeCare(begunOf(outcome));
    },
  );
  server.post<{ Body: CareOf }>(
    OPERATOR_PATHS.endCare,
    { config: changes, schema: { body: careOfSchema, response: { 200: endedCareSchema } } },
    async (request) => {
      const outcome = await access.endCare(request.body, callerOf(request));
      if (outcome.kind === "patient-unknown") await noteUnknownNumber(request, access);
      return endedOf(outcome, request.body.mrn);
    },
  );
}
