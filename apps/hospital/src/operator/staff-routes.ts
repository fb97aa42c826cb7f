import {
  addIntegrationSchema,
  addStaffSchema,
  disableStaffSchema,
  OPERATOR_PATHS,
  staffAccountSchema,
  staffAccountsSchema,
  staffLinkSchema,
  type AddIntegration,
  type AddStaff,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import type { StaffDesk } from "../staff/index.ts";

const config = { policy: "operator" } as const;

/** Adds the operator's routes for accounts of staff. */
export function addStaffAccountRoutes(server: FastifyInstance, staff: StaffDesk): void {
  server.get(
    OPERATOR_PATHS.staff,
    { config, schema: { response: { 200: staffAccountsSchema } } },
    async () => {
      const accounts = await staff.list();
      return { staff: accounts.map(({ name, role, state }) => ({ name, role, state })) };
    },
  );
  server.post<{ Body: AddStaff }>(
    OPERATOR_PATHS.staff,
    { config, schema: { body: addStaffSchema, response: { 200: staffLinkSchema } } },
    async (request) => {
      const outcome = await staff.add(request.body);
      if (outcome.kind !== "added") throw notAdded(outcome.kind);
      return { link: outcome.link, expires: outcome.expires };
    },
  );
  server.post<{ Body: AddIntegration }>(
    OPERATOR_PATHS.integrations,
    {
      config,
      schema: { body: addIntegrationSchema, response: { 200: staffAccountSchema } },
    },
    async (request) => {
      const outcome = await staff.addIntegration(request.body);
      if (outcome.kind === "key-invalid") {
        throw new ProblemError("malformed", "The key is no point of the curve P-256.");
      }
      if (outcome.kind !== "added") throw notAdded(outcome.kind);
      const { name, role, state } = outcome.staff;
      return { name, role, state };
    },
  );
  server.post<{ Body: { readonly name: string } }>(
    OPERATOR_PATHS.disableStaff,
    { config, schema: { body: disableStaffSchema, response: { 200: staffAccountSchema } } },
    async (request) => {
      const outcome = await staff.disable(request.body.name);
      if (outcome.kind === "staff-unknown") {
        throw new ProblemError("not-found", "Nobody of this name has an account.");
      }
      if (outcome.kind === "changed-meanwhile") throw new ProblemError("conflict");
      const { name, role } = outcome.staff;
      return { name, role, state: "disabled" as const };
    },
  );
}

function notAdded(why: "disabled" | "role-differs"): ProblemError {
  return new ProblemError(
    "conflict",
    why === "disabled"
      ? "This account is disabled."
      : "Somebody of this name is there in another role.",
  );
}
