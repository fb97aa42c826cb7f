import {
  encodeMailbox,
  HEADERS,
  MAX_MAILBOX_ANSWER_BYTES,
  MEDIA_TYPES,
  ROUTES,
} from "@siphms/relay";
import type { FastifyInstance, FastifyReply } from "fastify";
import { SLOW_CLIENT_MS } from "../domain/limits.ts";
import { refuse } from "../domain/refusal.ts";
import { readMail, type MailOutcome } from "../domain/sessions.ts";
import { toBuffer } from "./body.ts";
import type { SessionRoutePorts } from "./envelopes.ts";
import { sendRefusal } from "./problem.ts";
import { MAILBOX_SCHEMA } from "./schemas.ts";
import { checkPass, waitOf } from "./session-request.ts";

/** Adds `GET /v1/sessions/{sid}/mailbox` (protocol section 7). */
export function addMailboxRoute(scope: FastifyInstance, ports: SessionRoutePorts): void {
  scope.get<{ Params: { sid: string }; Querystring: { after?: string } }>(
    ROUTES.mailbox,
    { schema: MAILBOX_SCHEMA },
    async (request, reply) => {
      const after = parseCursor(request.query.after);
      if (after === undefined) return sendRefusal(reply, refuse("malformed"));
      const pass = await checkPass(request, request.params.sid, ports.passes);
      if (pass.kind === "refused") return sendRefusal(reply, pass);
      const wait = waitOf(request, reply);
      const maxBytes = MAX_MAILBOX_ANSWER_BYTES;
      return sendMail(reply, await readMail({ pass, after, maxBytes, wait }, ports));
    },
  );
}

// The place in the mailbox in base 36; only a cursor that we gave, or one that could be ours, has this form.
function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return 0;
  const place = /^[1-9a-z][0-9a-z]{0,10}$/.test(cursor) ? parseInt(cursor, 36) : NaN;
  return Number.isSafeInteger(place) ? place : undefined;
}

function sendMail(reply: FastifyReply, outcome: MailOutcome): FastifyReply {
  if (outcome.kind === "refused") return sendRefusal(reply, outcome);
  if (outcome.kind === "empty") return reply.code(204).send();
  cutWhenSlow(reply);
  return reply
    .code(200)
    .header("content-type", MEDIA_TYPES.mailbox)
    .header(HEADERS.cursor, outcome.last.toString(36))
    .send(toBuffer(encodeMailbox(outcome.envelopes)));
}

// An answer of up to 1 MiB stays in memory until the client has taken it.
function cutWhenSlow(reply: FastifyReply): void {
  const timer = setTimeout(() => {
    reply.raw.destroy();
  }, SLOW_CLIENT_MS);
  timer.unref();
  reply.raw.once("close", () => {
    clearTimeout(timer);
  });
}
