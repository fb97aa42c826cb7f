import {
  CONSOLE_PATHS,
  passkeyProofSchema,
  passkeyRequestSchema,
  passwordLogInSchema,
  passwordProofSchema,
  sessionInfoSchema,
  type PasskeyProof,
  type PasswordLogIn,
  type PasswordProof,
} from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { sessionTokenOf, signedInOf } from "./guard.ts";
import type { Caller } from "./log-in-desk.ts";
import { giveLogIn, type StaffRoutePorts } from "./session-answer.ts";

const anybody = { policy: "public" } as const;
const signedInOnly = { policy: "signed-in" } as const;
const opens = { response: { 200: sessionInfoSchema } };

/** Routes of signing in, and of proving anew who one is. Each takes two factors or a passkey with its user verified. */
export function addLogInRoutes(server: FastifyInstance, ports: StaffRoutePorts): void {
  const { desk, demo } = ports;
  server.post(
    CONSOLE_PATHS.logInPasskeyRequest,
    { config: anybody, schema: { response: { 200: passkeyRequestSchema } } },
    () => desk.logIn.requestPasskey(),
  );
  server.post<{ Body: PasskeyProof }>(
    CONSOLE_PATHS.logInPasskey,
    { config: anybody, schema: { body: passkeyProofSchema, ...opens } },
    async (request, reply) =>
      giveLogIn(reply, await desk.logIn.byPasskey(request.body, callerOf(request)), demo),
  );
  server.post<{ Body: PasswordLogIn }>(
    CONSOLE_PATHS.logInPassword,
    { config: anybody, schema: { body: passwordLogInSchema, ...opens } },
    async (request, reply) =>
      giveLogIn(reply, await desk.logIn.byPassword(request.body, callerOf(request)), demo),
  );
  addStepUpRoutes(server, ports);
}

function addStepUpRoutes(server: FastifyInstance, { desk, demo }: StaffRoutePorts): void {
  server.post(
    CONSOLE_PATHS.stepUpPasskeyRequest,
    { config: signedInOnly, schema: { response: { 200: passkeyRequestSchema } } },
    (request) => desk.logIn.requestStepUp(signedInOf(request)),
  );
  server.post<{ Body: PasskeyProof }>(
    CONSOLE_PATHS.stepUpPasskey,
    { config: signedInOnly, schema: { body: passkeyProofSchema, ...opens } },
    async (request, reply) => {
      const signedIn = signedInOf(request);
      const outcome = await desk.logIn.stepUpByPasskey(signedIn, request.body, request.ip);
      return giveLogIn(reply, outcome, demo);
    },
  );
  server.post<{ Body: PasswordProof }>(
    CONSOLE_PATHS.stepUpPassword,
    { config: signedInOnly, schema: { body: passwordProofSchema, ...opens } },
    async (request, reply) => {
      const signedIn = signedInOf(request);
      const outcome = await desk.logIn.stepUpByPassword(signedIn, request.body, request.ip);
      return giveLogIn(reply, outcome, demo);
    },
  );
}

function callerOf(request: FastifyRequest): Caller {
  return { source: request.ip, previousToken: sessionTokenOf(request) };
}
