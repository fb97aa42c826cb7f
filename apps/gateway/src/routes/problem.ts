import { MEDIA_TYPES, PROBLEMS, problemType, RelayError, type ProblemName } from "@siphms/relay";
import { errorFields, type Logger } from "@siphms/server-kit";
import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { refuse, type Refusal } from "../domain/refusal.ts";

// Sent as bytes throughout: to a text the framework would add a charset, which this media type does not have.

/** Answers with the problem document of a refusal (protocol section 7's table). */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { problem, retryAfterSeconds } = refusal;
  if (retryAfterSeconds !== undefined) reply.header("retry-after", String(retryAfterSeconds));
  // RFC 9110 §11.6.1: a 401 names the scheme that would have been taken.
  if (problem === "pass-invalid") reply.header("www-authenticate", "Bearer");
  return reply
    .code(PROBLEMS[problem].status)
    .header("content-type", MEDIA_TYPES.problem)
    .send(Buffer.from(problemText(problem)));
}

/** Answers with a status that the protocol has no problem for, such as an unknown address. */
export function sendStatus(reply: FastifyReply, status: 404 | 500): FastifyReply {
  const title = STATUS_CODES[status] ?? "";
  return reply
    .code(status)
    .header("content-type", MEDIA_TYPES.problem)
    .send(Buffer.from(JSON.stringify({ type: "about:blank", title, status })));
}

/** The problem document as text. */
export function problemText(problem: ProblemName): string {
  const { title, status } = PROBLEMS[problem];
  return JSON.stringify({ type: problemType(problem), title, status });
}

/** Turns what the framework or a route threw into an answer; what nobody foresaw becomes a bare 500. */
export function createErrorHandler(log: Logger) {
  return (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): FastifyReply => {
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
