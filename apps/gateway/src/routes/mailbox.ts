import { randomInt } from "node:crypto";
import {
  encodeMailbox,
  HEADERS,
  MAX_MAILBOX_ANSWER_BYTES,
  MEDIA_TYPES,
  ROUTES,
} from "@siphms/relay";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { SLOW_CLIENT_MS } from "../domain/limits.ts";
import { refuse } from "../domain/refusal.ts";
import { readMail, type MailOutcome } from "../domain/sessions.ts";
import type { WaitOptions } from "../domain/waits.ts";
import { toBuffer } from "./body.ts";
import type { SessionRoutePorts } from "./envelopes.ts";
import { sendRefusal } from "./problem.ts";
import { MAILBOX_SCHEMA } from "./schemas.ts";
import { checkPass, waitOf } from "./session-request.ts";

/** A wait ends at random by up to this share of its length early. */
const EARLIEST_SHARE = 0.25;

/** What the mailbox route works with. */
export interface MailboxRoutePorts extends SessionRoutePorts {
  /** A client did not take its answer in time. */
  readonly onSlowReader: () => void;
}

/** Adds `GET /v1/sessions/{sid}/mailbox` (protocol section 7). */
export function addMailboxRoute(scope: FastifyInstance, ports: MailboxRoutePorts): void {
  scope.get<{ Params: { sid: string }; Querystring: { after?: string } }>(
    ROUTES.mailbox,
    { schema: MAILBOX_SCHEMA },
    // Not an async function: it would stay suspended for as long as the device waits.
    (request, reply) => {
      const after = parseCursor(request.query.after);
      if (after === undefined) {
        void sendRefusal(reply, refuse("malformed"));
        return;
      }
      const fail = (error: unknown): void => {
        void reply.send(error);
      };
      answerFrom(after, { request, reply }, ports).catch(fail);
    },
  );
}

type MailboxRequest = FastifyRequest<{ Params: { sid: string } }>;

async function answerFrom(
  after: number,
  { request, reply }: { readonly request: MailboxRequest; readonly reply: FastifyReply },
  ports: MailboxRoutePorts,
): Promise<void> {
  const pass = await checkPass(request, request.params.sid, ports.passes);
  if (pass.kind === "refused") {
    void sendRefusal(reply, pass);
    return;
  }
  const wait = spread(waitOf(request, reply));
  forgetHeaders(request);
  await readMail({ pass, after, maxBytes: MAX_MAILBOX_ANSWER_BYTES, wait }, ports, (look) => {
    // Called from wherever the news came: what goes wrong here is this request's own.
    try {
      sendMail(reply, look(), ports.onSlowReader);
    } catch (error) {
      void reply.send(error);
    }
  });
}

// Devices that began to wait together, after a restart or a network that was away, would ask again together for ever.
function spread(wait: WaitOptions): WaitOptions {
  return { ...wait, timeoutMs: wait.timeoutMs - randomInt(wait.timeoutMs * EARLIEST_SHARE + 1) };
}

// They are read, and make up half of what an idle device's request keeps in memory. From where it came is asked again.
function forgetHeaders({ raw }: FastifyRequest): void {
  const { "x-forwarded-for": forwarded } = raw.headers;
  raw.headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  raw.rawHeaders = [];
}

// The place in the mailbox in base 36; only a cursor that we gave, or one that could be ours, has this form.
function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return 0;
  const place = /^[1-9a-z][0-9a-z]{0,10}$/.test(cursor) ? parseInt(cursor, 36) : NaN;
  return Number.isSafeInteger(place) ? place : undefined;
}

function sendMail(reply: FastifyReply, outcome: MailOutcome, onSlowReader: () => void): void {
  if (outcome.kind === "refused") {
    void sendRefusal(reply, outcome);
  } else if (outcome.kind === "empty") {
    void reply.code(204).send();
  } else {
    cutWhenSlow(reply, onSlowReader);
    void reply
      .code(200)
      .header("content-type", MEDIA_TYPES.mailbox)
      .header(HEADERS.cursor, outcome.last.toString(36))
      .send(toBuffer(encodeMailbox(outcome.envelopes)));
  }
}

// An answer of up to 1 MiB stays in memory until the client has taken it.
function cutWhenSlow(reply: FastifyReply, onSlowReader: () => void): void {
  const timer = setTimeout(() => {
    onSlowReader();
    reply.raw.destroy();
  }, SLOW_CLIENT_MS);
  timer.unref();
  reply.raw.once("close", () => {
    clearTimeout(timer);
  });
}
