import {
  addPasskeySchema,
  CONSOLE_PATHS,
  factorsSchema,
  passkeyCreationSchema,
  recoveryCodesSchema,
  roleSchema,
  seenNoticesSchema,
  setPasswordSchema,
  staffNoticesSchema,
  totpOfferSchema,
  type AddPasskey,
  type SeenNotices,
  type SetPassword,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import { signedInOf } from "./guard.ts";
import { passwordRefused, type StaffRoutePorts } from "./session-answer.ts";

const look = { policy: "signed-in" } as const;
/** Whoever finds an open screen must not make it a way in of their own (SR-20). */
const change = { policy: { roles: roleSchema.enum, relation: "none", stepUp: true } } as const;
const NUMBER = /^[1-9][0-9]{0,14}$/;

/** Routes of what somebody signs in with, and of the notices about it. */
export function addFactorRoutes(server: FastifyInstance, ports: StaffRoutePorts): void {
  const { factors } = ports.desk;
  server.get(
    CONSOLE_PATHS.factors,
    { config: look, schema: { response: { 200: factorsSchema } } },
    async (request) => {
      const { passkeys, ...rest } = await factors.overview(signedInOf(request));
      return {
        ...rest,
        passkeys: passkeys.map(({ id, label, state, createdAt, lastUsedAt }) => ({
          id: String(id),
          label,
          state,
          added: createdAt,
          lastUsed: lastUsedAt,
        })),
      };
    },
  );
  addPasskeyRoutes(server, ports);
  addPasswordRoutes(server, ports);
  addNoticeRoutes(server, ports);
}

function addPasskeyRoutes(server: FastifyInstance, { desk }: StaffRoutePorts): void {
  const { factors } = desk;
  server.post(
    CONSOLE_PATHS.passkeyCreation,
    { config: change, schema: { response: { 200: passkeyCreationSchema } } },
    (request) => factors.askForPasskey(signedInOf(request)),
  );
  server.post<{ Body: AddPasskey }>(
    CONSOLE_PATHS.passkeys,
    { config: change, schema: { body: addPasskeySchema } },
    async (request, reply) => {
      const isTaken = await factors.addPasskey(signedInOf(request), request.body);
      if (!isTaken) throw new ProblemError("passkey-refused");
      return reply.code(204).send();
    },
  );
  server.delete<{ Params: { readonly passkey: string } }>(
    CONSOLE_PATHS.passkey,
    { config: change },
    async (request, reply) => {
      const { passkey } = request.params;
      if (!NUMBER.test(passkey)) throw new ProblemError("not-found");
      const outcome = await factors.removePasskey(signedInOf(request), Number(passkey));
      if (outcome === "unknown") throw new ProblemError("not-found");
      if (outcome === "last-factor") {
        throw new ProblemError(
          "conflict",
          "It is all you can sign in with. Add another one first.",
        );
      }
      return reply.code(204).send();
    },
  );
}

function addPasswordRoutes(server: FastifyInstance, { desk }: StaffRoutePorts): void {
  const { factors } = desk;
  server.post(
    CONSOLE_PATHS.totp,
    { config: change, schema: { response: { 200: totpOfferSchema } } },
    (request) => factors.offerTotp(signedInOf(request)),
  );
  server.post<{ Body: SetPassword }>(
    CONSOLE_PATHS.password,
    { config: change, schema: { body: setPasswordSchema, response: { 200: recoveryCodesSchema } } },
    async (request) => {
      const outcome = await factors.setPassword(signedInOf(request), request.body);
      if (outcome.kind === "password-refused") throw passwordRefused(outcome.fault);
      if (outcome.kind === "code-refused") throw new ProblemError("code-refused");
      return { codes: [...outcome.codes] };
    },
  );
  server.post(
    CONSOLE_PATHS.recoveryCodes,
    { config: change, schema: { response: { 200: recoveryCodesSchema } } },
    async (request) => {
      const codes = await factors.renewRecoveryCodes(signedInOf(request));
      if (codes === undefined) {
        throw new ProblemError("conflict", "You have no TOTP app that a code could stand in for.");
      }
      return { codes: [...codes] };
    },
  );
}

function addNoticeRoutes(server: FastifyInstance, { desk }: StaffRoutePorts): void {
  const { factors } = desk;
  server.get(
    CONSOLE_PATHS.staffNotices,
    { config: look, schema: { response: { 200: staffNoticesSchema } } },
    async (request) => {
      const notices = await factors.notices(signedInOf(request));
      return { notices: notices.map((notice) => ({ ...notice, id: String(notice.id) })) };
    },
  );
  server.post<{ Body: SeenNotices }>(
    CONSOLE_PATHS.seenStaffNotices,
    { config: look, schema: { body: seenNoticesSchema } },
    async (request, reply) => {
      await factors.markNoticesSeen(signedInOf(request), Number(request.body.upTo));
      return reply.code(204).send();
    },
  );
}
