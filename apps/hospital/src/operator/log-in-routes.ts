import {
  commandSessionSchema,
  keyProofSchema,
  keyRequestSchema,
  openedCommandSessionSchema,
  OPERATOR_PATHS,
  passwordLogInSchema,
  type KeyProof,
  type OpenedCommandSession,
  type PasswordLogIn,
} from "@siphms/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  commandTokenOf,
  openedOf,
  signedInOf,
  type LogInOutcome,
  type SignedIn,
  type StaffDesk,
} from "../staff/index.ts";

const config = { policy: "operator" } as const;
const opens = { response: { 200: openedCommandSessionSchema } };

/** Everybody at the private socket counts as one source of failed tries: there is no address to tell them apart. */
const SOURCE = "command-line";

/** Adds the ways to log in on the private socket, and out: a person with two factors, a machine with its key. */
export function addLogInRoutes(server: FastifyInstance, desk: StaffDesk): void {
  server.post<{ Body: PasswordLogIn }>(
    OPERATOR_PATHS.logInPassword,
    { config, schema: { body: passwordLogInSchema, ...opens } },
    async (request, reply) => {
      const caller = { ...callerOf(request), channel: "command-line" } as const;
      return give(reply, await desk.logIn.byPassword(request.body, caller));
    },
  );
  server.post(
    OPERATOR_PATHS.logInKeyRequest,
    { config, schema: { response: { 200: keyRequestSchema } } },
    () => desk.logIn.requestKeyProof(),
  );
  server.post<{ Body: KeyProof }>(
    OPERATOR_PATHS.logInKey,
    { config, schema: { body: keyProofSchema, ...opens } },
    async (request, reply) => give(reply, await desk.logIn.byKey(request.body, callerOf(request))),
  );
  server.delete(OPERATOR_PATHS.session, { config }, async (request, reply) => {
    const token = commandTokenOf(request);
    if (token !== undefined) await desk.end(token, "command-line");
    return reply.code(204).send();
  });
}

/** Adds the route that says whose session it is. */
export function addSessionRoute(server: FastifyInstance): void {
  server.get(
    OPERATOR_PATHS.session,
    { config: { policy: "signed-in" }, schema: { response: { 200: commandSessionSchema } } },
    (request) => describe(signedInOf(request)),
  );
}

function callerOf(request: FastifyRequest) {
  return { source: SOURCE, previousToken: commandTokenOf(request) };
}

function give(reply: FastifyReply, outcome: LogInOutcome): OpenedCommandSession {
  const { token, signedIn } = openedOf(reply, outcome);
  void reply.header("cache-control", "no-store");
  return { token, ...describe(signedIn) };
}

function describe({ staff, expiresAt, idleEndsAt }: SignedIn) {
  return { name: staff.name, role: staff.role, expires: expiresAt, idleEnds: idleEndsAt };
}
