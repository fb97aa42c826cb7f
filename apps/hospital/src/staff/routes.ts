import {
  CONSOLE_PATHS,
  openSessionSchema,
  SESSION_COOKIE,
  sessionInfoSchema,
  type OpenSession,
  type SessionInfo,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import { sessionTokenOf, signedInOf } from "./guard.ts";
import type { SignedIn, StaffDesk } from "./staff-desk.ts";

/** `__Host-` asks for exactly these: Secure, path `/`, no Domain (SR-19). The browser forgets it when it closes. */
const COOKIE = { path: "/", httpOnly: true, secure: true, sameSite: "strict" } as const;

/** Routes of the browser session: open, see, end. */
export function addStaffRoutes(
  server: FastifyInstance,
  { desk, demo }: { readonly desk: StaffDesk; readonly demo: boolean },
): void {
  server.post<{ Body: OpenSession }>(
    CONSOLE_PATHS.session,
    {
      config: { policy: "public" },
      schema: { body: openSessionSchema, response: { 200: sessionInfoSchema } },
    },
    async (request, reply) => {
      const outcome = await desk.open(request.body.token, sessionTokenOf(request));
      if (outcome.kind !== "opened") throw new ProblemError(outcome.kind);
      void reply.setCookie(SESSION_COOKIE, outcome.token, COOKIE);
      return sessionInfo(outcome.signedIn, demo);
    },
  );

  server.get(
    CONSOLE_PATHS.session,
    { config: { policy: "signed-in" }, schema: { response: { 200: sessionInfoSchema } } },
    (request) => sessionInfo(signedInOf(request), demo),
  );

  server.delete(CONSOLE_PATHS.session, { config: { policy: "public" } }, async (request, reply) => {
    const token = sessionTokenOf(request);
    if (token !== undefined) await desk.end(token);
    void reply.clearCookie(SESSION_COOKIE, COOKIE);
    return reply.code(204).send();
  });
}

function sessionInfo({ staff, expiresAt }: SignedIn, demo: boolean): SessionInfo {
  const { id, name, role } = staff;
  return { staff: { id: String(id), name, role }, demo, expires: expiresAt };
}
