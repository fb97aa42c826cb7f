import {
  CONSOLE_PATHS,
  openSessionSchema,
  passkeyCreationSchema,
  recoveryCodesSchema,
  sessionInfoSchema,
  setUpPasskeySchema,
  setUpPasswordSchema,
  setUpPersonSchema,
  totpOfferSchema,
  type OpenSession,
  type SetUpPasskey,
  type SetUpPassword,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import { sessionTokenOf } from "./guard.ts";
import { giveSession, passwordRefused, type StaffRoutePorts } from "./session-answer.ts";

const config = { policy: "public" } as const;

/** Routes that a one-use link opens: its token stands in each body and proves whose they are. */
export function addSetUpRoutes(server: FastifyInstance, ports: StaffRoutePorts): void {
  const { desk } = ports;
  server.post<{ Body: OpenSession }>(
    CONSOLE_PATHS.setUp,
    { config, schema: { body: openSessionSchema, response: { 200: setUpPersonSchema } } },
    async (request) => {
      const good = orInvalid(await desk.setUp.look(request.body.token));
      const { name, role } = good.staff;
      return { name, role, expires: good.link.expiresAt };
    },
  );
  server.post<{ Body: OpenSession }>(
    CONSOLE_PATHS.setUpPasskeyCreation,
    { config, schema: { body: openSessionSchema, response: { 200: passkeyCreationSchema } } },
    async (request) => orInvalid(await desk.setUp.askForPasskey(request.body.token)),
  );
  server.post<{ Body: OpenSession }>(
    CONSOLE_PATHS.setUpTotp,
    { config, schema: { body: openSessionSchema, response: { 200: totpOfferSchema } } },
    async (request) => orInvalid(await desk.setUp.offerTotp(request.body.token)),
  );
  addSetUpEndRoutes(server, ports);
}

function addSetUpEndRoutes(server: FastifyInstance, { desk, demo }: StaffRoutePorts): void {
  server.post<{ Body: SetUpPasskey }>(
    CONSOLE_PATHS.setUpPasskey,
    { config, schema: { body: setUpPasskeySchema, response: { 200: sessionInfoSchema } } },
    async (request, reply) => {
      const previousToken = sessionTokenOf(request);
      const outcome = await desk.setUp.addPasskey({ ...request.body, previousToken });
      if (outcome.kind !== "opened") throw new ProblemError(outcome.kind);
      return giveSession(reply, outcome, demo);
    },
  );
  server.post<{ Body: SetUpPassword }>(
    CONSOLE_PATHS.setUpPassword,
    { config, schema: { body: setUpPasswordSchema, response: { 200: recoveryCodesSchema } } },
    async (request, reply) => {
      const previousToken = sessionTokenOf(request);
      const outcome = await desk.setUp.setPassword({ ...request.body, previousToken });
      if (outcome.kind === "password-refused") throw passwordRefused(outcome.fault);
      if (outcome.kind !== "opened") throw new ProblemError(outcome.kind);
      return { codes: [...outcome.codes], session: giveSession(reply, outcome, demo) };
    },
  );
}

function orInvalid<Found>(found: Found | undefined): Found {
  if (found === undefined) throw new ProblemError("link-invalid");
  return found;
}
