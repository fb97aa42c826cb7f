import {
  decodeBase64Url,
  MAX_HANDSHAKE_BODY_BYTES,
  MEDIA_TYPES,
  ROUTES,
  handshakePath,
  type Bytes,
} from "@siphms/relay";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { HandshakeResult } from "../domain/handshakes-in-flight.ts";
import type { Handshakes } from "../domain/handshakes.ts";
import type { HospitalDirectory } from "../domain/ports.ts";
import { refuse } from "../domain/refusal.ts";
import { bytesOf, takeOnly, toBuffer } from "./body.ts";
import { sendRefusal } from "./problem.ts";
import { HANDSHAKE_SCHEMA, START_SCHEMA } from "./schemas.ts";

/** What the handshake routes work with. */
export interface HandshakeRoutePorts {
  readonly handshakes: Handshakes;
  readonly directory: HospitalDirectory;
}

/** Adds the two handshake routes of protocol section 7. */
export function addHandshakeRoutes(scope: FastifyInstance, ports: HandshakeRoutePorts): void {
  const { handshakes, directory } = ports;
  const bodyLimit = MAX_HANDSHAKE_BODY_BYTES;
  takeOnly(scope, MEDIA_TYPES.handshakeRequest);

  scope.post<{ Params: { hospital: string }; Querystring: { key: string } }>(
    ROUTES.handshakes,
    {
      bodyLimit,
      schema: START_SCHEMA,
      // Before the body is read: a flood must not cost us even that.
      async onRequest({ ip }, reply) {
        const busy = handshakes.admit(ip);
        if (busy !== undefined) await sendRefusal(reply, busy);
      },
    },
    async ({ params, query, body, ip }, reply) => {
      const message = bytesOf(body);
      if (message === undefined) return sendRefusal(reply, refuse("malformed"));
      const kid = decodeBase64Url(query.key);
      const hospital = directory.find(params.hospital);
      if (hospital === undefined) return sendRefusal(reply, refuse("hospital-unknown"));
      const result = await handshakes.start(hospital.id, kid, { body: message, address: ip });
      if (result.kind === "answer") reply.header("location", handshakePath(result.id));
      return sendResult(reply, result);
    },
  );

  scope.post<{ Params: { id: string } }>(
    ROUTES.handshake,
    { bodyLimit, schema: HANDSHAKE_SCHEMA },
    async ({ params, body, ip }, reply) => {
      const message = bytesOf(body);
      if (message === undefined) return sendRefusal(reply, refuse("malformed"));
      return sendResult(reply, await handshakes.finish(params.id, { body: message, address: ip }));
    },
  );
}

async function sendResult(reply: FastifyReply, result: HandshakeResult): Promise<FastifyReply> {
  if (result.kind === "refused") return sendRefusal(reply, result);
  return sendMessage(reply, result.kind === "answer" ? 200 : 400, result.body);
}

function sendMessage(reply: FastifyReply, status: 200 | 400, message: Bytes): FastifyReply {
  return reply
    .code(status)
    .header("content-type", MEDIA_TYPES.handshakeAnswer)
    .send(toBuffer(message));
}
