import { MEDIA_TYPES, PROBLEMS, problemType, RelayError, type ProblemName } from "@siphms/relay";
import { errorFields, type Logger } from "@siphms/server-kit";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { RefusalPace } from "../domain/refusal-pace.ts";
import { refuse, type Refusal, type RefusalReason } from "../domain/refusal.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** How fast refusals leave. */
    readonly refusalPace: RefusalPace;
  }
  interface FastifyReply {
    /** Why the request was refused, for the metrics. */
    refusedFor: RefusalReason | undefined;
  }
}

// What is left of a refused request's body is read and dropped up to this, so that a client that is still sending hears
// why. Above, the connection is closed: else whoever announces terabytes keeps us reading them.
const MAX_LEFTOVER_BYTES = 1_048_576;

// Sent as bytes throughout: to a text the framework would add a charset, which this media type does not have.

/** Answers with the problem document of a refusal (protocol section 7's table). */
export async function sendRefusal(reply: FastifyReply, refusal: Refusal): Promise<FastifyReply> {
  const { problem, retryAfterSeconds } = refusal;
  reply.refusedFor = refusal.reason;
  await holdBack(reply);
  closeBehindLongBody(reply);
  if (retryAfterSeconds !== undefined) reply.header("retry-after", String(retryAfterSeconds));
  // RFC 9110 §11.6.1: a 401 names the scheme that would have been taken.
  if (problem === "pass-invalid") reply.header("www-authenticate", "Bearer");
  return reply
    .code(PROBLEMS[problem].status)
    .header("content-type", MEDIA_TYPES.problem)
    .send(Buffer.from(problemText(problem)));
}

/** Answers with a status that the protocol has no problem for, such as an unknown address. */
export async function sendStatus(
  reply: FastifyReply,
  status: number,
  reason?: RefusalReason,
): Promise<FastifyReply> {
  reply.refusedFor = reason;
  const title = STATUS_CODES[status] ?? "";
  await holdBack(reply);
  closeBehindLongBody(reply);
  return reply
    .code(status)
    .header("content-type", MEDIA_TYPES.problem)
    .send(Buffer.from(JSON.stringify({ type: "about:blank", title, status })));
}

// Of how many requests of a connection the refusals are held back: they may come without waiting for each other's.
const heldBack = new WeakMap<Socket, number>();

async function holdBack({ server, request, refusedFor }: FastifyReply): Promise<void> {
  const wait = server.refusalPace.next(request.ip, refusedFor);
  if (wait === undefined) return;
  const { socket } = request.raw;
  heldBack.set(socket, (heldBack.get(socket) ?? 0) + 1);
  // Nothing more of it is read meanwhile: who does not wait for answers waits as well.
  socket.pause();
  await wait;
  const left = (heldBack.get(socket) ?? 1) - 1;
  heldBack.set(socket, left);
  if (left === 0) socket.resume();
}

function closeBehindLongBody(reply: FastifyReply): void {
  const { headers } = reply.request;
  const isLong = Number(headers["content-length"] ?? 0) > MAX_LEFTOVER_BYTES;
  if (isLong || headers["transfer-encoding"] !== undefined) reply.header("connection", "close");
}

/** The problem document as text. */
export function problemText(problem: ProblemName): string {
  const { title, status } = PROBLEMS[problem];
  return JSON.stringify({ type: problemType(problem), title, status });
}

/** Turns what the framework or a route threw into an answer; what nobody foresaw becomes a bare 500. */
export function createErrorHandler(log: Logger) {
  return (
    error: FastifyError,
    _request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const problem = problemOf(error);
    if (problem !== undefined) return sendRefusal(reply, refuse(problem));
    log.error("a request failed", errorFields(error));
    return sendStatus(reply, 500);
  };
}

function problemOf(error: FastifyError): ProblemName | undefined {
  if (error instanceof RelayError) return "malformed";
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") return "too-large";
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return "media-type";
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? "malformed" : undefined;
}
