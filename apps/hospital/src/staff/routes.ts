import {
  CONSOLE_PATHS,
  openSessionSchema,
  SESSION_COOKIE,
  sessionInfoSchema,
  type OpenSession,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import { addFactorRoutes } from "./factor-routes.ts";
import { sessionTokenOf, signedInOf } from "./guard.ts";
import { addLogInRoutes } from "./log-in-routes.ts";
import { addPeopleRoutes } from "./people-routes.ts";
import { COOKIE, giveSession, sessionInfo, type StaffRoutePorts } from "./session-answer.ts";
import { addSetUpRoutes } from "./set-up-routes.ts";

/** Routes of staff identity: setting up by a link, signing in, the browser session, the own factors. */
export function addStaffRoutes(server: FastifyInstance, ports: StaffRoutePorts): void {
  addSessionRoutes(server, ports);
  addLogInRoutes(server, ports);
  addSetUpRoutes(server, ports);
  addFactorRoutes(server, ports);
  addPeopleRoutes(server, ports);
}

/** Routes of the browser session: open in a demo, see, end. */
function addSessionRoutes(server: FastifyInstance, ports: StaffRoutePorts): void {
  const { desk, demo } = ports;
  server.post<{ Body: OpenSession }>(
    CONSOLE_PATHS.session,
    {
      config: { policy: "public" },
      schema: { body: openSessionSchema, response: { 200: sessionInfoSchema } },
    },
    async (request, reply) => {
      const outcome = await desk.open(request.body.token, sessionTokenOf(request));
      if (outcome.kind !== "opened") throw new ProblemError(outcome.kind);
      return giveSession(reply, outcome, demo);
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

  server.delete(
    CONSOLE_PATHS.sessions,
    { config: { policy: "signed-in" } },
    async (request, reply) => {
      await desk.endEverywhere(signedInOf(request));
      void reply.clearCookie(SESSION_COOKIE, COOKIE);
      return reply.code(204).send();
    },
  );
}
