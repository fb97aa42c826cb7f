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
import { ProblemError } from "../http/index.ts";
import { signedInOf } from "./guard.ts";
import type { StaffRoutePorts } from "./session-answer.ts";
import type { StaffDesk } from "./staff-desk.ts";

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
      return { staff: accounts.map(({ name, role, state }) => ({ name, role, state })) };
    },
  );
  server.post<{ Body: AddStaff }>(
    CONSOLE_PATHS.staff,
    { config: change, schema: { body: addStaffSchema, response: { 200: staffLinkSchema } } },
    (request) => addSomebody(request, desk),
  );
  server.post<{ Body: AddStaff }>(
    CONSOLE_PATHS.staffRole,
    { config: change, schema: { body: addStaffSchema, response: { 200: staffAccountSchema } } },
    async (request) => {
      requireOther(request, request.body.name);
      const outcome = await desk.changeRole({ ...request.body, actor: actorOf(request) });
      if (outcome.kind === "staff-unknown") throw unknownName();
      if (outcome.kind === "disabled") throw new ProblemError("conflict", "It is disabled.");
      if (outcome.kind === "changed-meanwhile") throw new ProblemError("conflict");
      const { name, role, state } = outcome.staff;
      return { name, role, state };
    },
  );
  server.post<{ Body: { readonly name: string } }>(
    CONSOLE_PATHS.disableStaff,
    { config: change, schema: { body: disableStaffSchema, response: { 200: staffAccountSchema } } },
    async (request) => {
      requireOther(request, request.body.name);
      const outcome = await desk.disable(request.body.name, actorOf(request));
      if (outcome.kind === "staff-unknown") throw unknownName();
      if (outcome.kind === "changed-meanwhile") throw new ProblemError("conflict");
      const { name, role, state } = outcome.staff;
      return { name, role, state };
    },
  );
}

async function addSomebody(
  request: FastifyRequest<{ Body: AddStaff }>,
  desk: StaffDesk,
): Promise<{ link: string; expires: number }> {
  requireOther(request, request.body.name);
  const outcome = await desk.add(request.body, actorOf(request));
  if (outcome.kind === "role-differs") {
    throw new ProblemError("conflict", "Somebody of this name is there in another role.");
  }
  if (outcome.kind === "disabled") throw new ProblemError("conflict", "This account is disabled.");
  return { link: outcome.link, expires: outcome.expires };
}

/** Nobody locks themselves out, takes another role, or makes a link that would be a way around their own factors. */
function requireOther(request: FastifyRequest, name: string): void {
  const own = signedInOf(request).staff.name;
  if (own.toLowerCase() === name.toLowerCase()) {
    throw new ProblemError("conflict", "It is your own account. Ask another administrator.");
  }
}

function actorOf(request: FastifyRequest): string {
  return auditNameOfStaff(signedInOf(request).staff.id);
}

function unknownName(): ProblemError {
  return new ProblemError("not-found", "Nobody of this name has an account.");
}
