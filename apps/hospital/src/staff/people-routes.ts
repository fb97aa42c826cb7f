import {
  addStaffSchema,
  CONSOLE_PATHS,
  disableStaffSchema,
  staffAccountSchema,
  staffAccountsSchema,
  staffLinkSchema,
  type AddStaff,
} from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { auditNameOfStaff } from "../audit/index.ts";
import { signedInOf } from "./guard.ts";
import { addedOf, changedRoleOf, describeAccount, disabledOf } from "./outcomes.ts";
import type { StaffRoutePorts } from "./session-answer.ts";

const look = {
  policy: { roles: ["administrator"], relation: "none", stepUp: false },
} as const;
const change = { policy: { roles: ["administrator"], relation: "none", stepUp: true } } as const;

/**
 * Routes of the administrator for other people's accounts.
 *
 * None of them takes a password, a code or a key: an administrator starts what only the person can end (SR-11).
 */
export function addPeopleRoutes(server: FastifyInstance, { desk }: StaffRoutePorts): void {
  server.get(
    CONSOLE_PATHS.staff,
    { config: look, schema: { response: { 200: staffAccountsSchema } } },
    async () => {
      const accounts = await desk.list();
      return { staff: accounts.map(describeAccount) };
    },
  );
  server.post<{ Body: AddStaff }>(
    CONSOLE_PATHS.staff,
    { config: change, schema: { body: addStaffSchema, response: { 200: staffLinkSchema } } },
    async (request) => {
      return addedOf(await desk.add(request.body, actorOf(request)));
    },
  );
  server.post<{ Body: AddStaff }>(
    CONSOLE_PATHS.staffRole,
    { config: change, schema: { body: addStaffSchema, response: { 200: staffAccountSchema } } },
    async (request) => {
      return changedRoleOf(await desk.changeRole({ ...request.body, actor: actorOf(request) }));
    },
  );
  server.post<{ Body: { readonly name: string } }>(
    CONSOLE_PATHS.disableStaff,
    { config: change, schema: { body: disableStaffSchema, response: { 200: staffAccountSchema } } },
    async (request) => {
      return disabledOf(await desk.disable(request.body.name, actorOf(request)));
    },
  );
}

function actorOf(request: FastifyRequest): string {
  return auditNameOfStaff(signedInOf(request).staff.id);
}
