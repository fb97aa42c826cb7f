import { isEnvelopeMediaType, MAX_ENVELOPE_BYTES, MEDIA_TYPES, ROUTES } from "@siphms/relay";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Pass, Passes } from "../domain/passes.ts";
import { MAX_UPLOADS, UPLOADS_RETRY_SECONDS } from "../domain/limits.ts";
import { refuse } from "../domain/refusal.ts";
import { acceptEnvelope, type EnvelopeOutcome, type SessionPorts } from "../domain/sessions.ts";
import { createUploads } from "../domain/uploads.ts";
import { bytesOf, takeOnly, toBuffer } from "./body.ts";
import { onceGone } from "./once-gone.ts";
import { sendRefusal } from "./problem.ts";
import { ENVELOPES_SCHEMA } from "./schemas.ts";
import { checkPass, waitOf } from "./session-request.ts";

/** What the routes of a session work with. */
export interface SessionRoutePorts extends SessionPorts {
  readonly passes: Passes;
}

/** A request whose head was good. */
interface Admitted {
  readonly pass: Pass;
  /** Its body has come. */
  readonly uploaded: () => void;
}

const TOO_MANY_UPLOADS = {
  reason: "session-uploads",
  retryAfterSeconds: UPLOADS_RETRY_SECONDS,
} as const;

/** Adds `POST /v1/sessions/{sid}/envelopes` (protocol section 7). */
export function addEnvelopeRoute(scope: FastifyInstance, ports: SessionRoutePorts): void {
  takeOnly(scope, "application/cose");
  const admitted = new WeakMap<FastifyRequest, Admitted>();
  const uploads = createUploads(MAX_UPLOADS);

  scope.post<{ Params: { sid: string } }>(
    ROUTES.envelopes,
    {
      bodyLimit: MAX_ENVELOPE_BYTES,
      schema: ENVELOPES_SCHEMA,
      // Before the body is read: without a good pass nobody makes us hold 64 KiB.
      async onRequest(request, reply) {
        const type = request.headers["content-type"];
        if (type !== undefined && !isEnvelopeMediaType(type)) {
          return sendRefusal(reply, refuse("media-type"));
        }
        const pass = await checkPass(request, request.params.sid, ports.passes);
        if (pass.kind === "refused") return sendRefusal(reply, pass);
        if (!uploads.begin(pass.session)) {
          // Whoever holds so many bodies back is not heard out.
          reply.header("connection", "close");
          return sendRefusal(reply, refuse("slow-down", TOO_MANY_UPLOADS));
        }
        let isOver = false;
        const uploaded = (): void => {
          if (!isOver) uploads.end(pass.session);
          isOver = true;
        };
        onceGone(reply, uploaded);
        admitted.set(request, { pass, uploaded });
        return undefined;
      },
    },
    async (request, reply) => {
      const body = bytesOf(request.body);
      const { pass, uploaded } = admitted.get(request) ?? {};
      uploaded?.();
      if (body === undefined || pass === undefined) return sendRefusal(reply, refuse("malformed"));
      const wait = waitOf(request, reply);
      return sendOutcome(reply, await acceptEnvelope({ pass, body, wait }, ports));
    },
  );
}

async function sendOutcome(reply: FastifyReply, outcome: EnvelopeOutcome): Promise<FastifyReply> {
  switch (outcome.kind) {
    case "refused":
      return sendRefusal(reply, outcome);
    case "answer":
      return reply
        .code(200)
        .header("content-type", MEDIA_TYPES.envelope)
        .send(toBuffer(outcome.envelope));
    case "no-answer":
      return reply.code(204).send();
    case "queued":
      return reply.code(202).send();
  }
}
