import {
  CONSOLE_PATHS,
  planHistorySchema,
  planSchema,
  planTemplatesSchema,
  setPlanSchema,
  type SetPlan,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { actorOf, CARE_ROLES, grantOf } from "../access/index.ts";
import { ProblemError, type Rule } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import { SHOWS_PATIENT, showPatient, type ByPatient, type ShowPorts } from "../records/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { PlanDesk } from "./desk.ts";

/** What is watched about a patient is a doctor's to say. It can be said again, and the reason is kept: no fresh proof. */
const SETS_PLAN: Rule = { roles: ["doctor"], relation: "patient", stepUp: false };
const SHOWS_TEMPLATES: Rule = { roles: CARE_ROLES, relation: "none", stepUp: false };

/** Routes of what is watched about a patient. */
export function addPlanRoutes(
  server: FastifyInstance,
  ports: ShowPorts & { readonly plans: PlanDesk },
): void {
  const { plans } = ports;
  server.get<ByPatient>(
    CONSOLE_PATHS.plan,
    { config: { policy: SHOWS_PATIENT }, schema: { response: { 200: planSchema } } },
    (request) => {
      const read = ({ id }: Patient) => plans.current(id);
      return showPatient(request, { what: "plan", read, isPolled: true }, ports);
    },
  );
  server.get<ByPatient>(
    CONSOLE_PATHS.planHistory,
    { config: { policy: SHOWS_PATIENT }, schema: { response: { 200: planHistorySchema } } },
    (request) => {
      const read = async ({ id }: Patient) => ({ plans: await plans.history(id) });
      return showPatient(request, { what: "plan", read }, ports);
    },
  );
  server.put<ByPatient & { Body: SetPlan }>(
    CONSOLE_PATHS.plan,
    {
      config: { policy: SETS_PLAN },
      schema: { body: setPlanSchema, response: { 200: planSchema } },
    },
    async (request) => {
      const { patientId } = grantOf(request);
      const actor = actorOf(signedInOf(request));
      const outcome = await plans.set(request.body, { patientId, actor });
      switch (outcome.kind) {
        case "set":
          return outcome.plan;
        case "stale":
          throw new ProblemError(
            "conflict",
            "Somebody else has changed what is watched meanwhile. Nothing was changed; look at it again.",
          );
        case "reason-short":
          throw new ProblemError("malformed", "The reason is too short.");
        case "unsound":
          throw new ProblemError(
            "malformed",
            "The limits contradict each other. A limit of warning lies inside the urgent one, and low ones below high ones.",
          );
      }
    },
  );
  server.get(
    CONSOLE_PATHS.planTemplates,
    {
      config: { policy: SHOWS_TEMPLATES },
      schema: { response: { 200: planTemplatesSchema } },
    },
    () => plans.templates(),
  );
}
