import { randomUUID } from "node:crypto";
import { errorFields, type Logger } from "@siphms/server-kit";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { ProblemName } from "@siphms/api";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { createRequestContext, runInContext, type RequestContext } from "../audit/index.ts";
import { ConflictError } from "../database/index.ts";
import { isLetIn, requirePolicy, type RouteEntry } from "./policy.ts";
import { ProblemError, sendProblem } from "./problem.ts";
import { createRenewableTls, type TlsFiles } from "./renewable-tls.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What its audit entries have in common. */
    auditContext: RequestContext;
  }
  interface FastifyInstance {
    /** Shows another certificate from the next connection on. @throws where it cannot be served: then the one before stays. */
    renewTls: (files: TlsFiles) => void;
  }
}

interface ServerOptions {
  readonly log: Logger;
  readonly tls?: TlsFiles | undefined;
  /** Addresses and networks whose word about where a request came from is taken; nobody's, unless named (SR-42). */
  readonly trustedProxies?: readonly string[] | undefined;
}

/** No JSON that these servers take is longer. */
const MAX_BODY_BYTES = 64 * 1024;
/** A client that is slower than this with its headers, or with its whole request, is cut off (SR-45). */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** How often it is looked at who is slower. */
const CHECK_EVERY_MS = 5_000;
/** A browser's headers with its cookie take less than a quarter of it. */
const MAX_HEADER_BYTES = 8_192;
/** Staff and their screens; what is more is turned away before it costs memory. */
const MAX_CONNECTIONS = 2_000;
const KEEP_ALIVE_TIMEOUT_MS = 30_000;
const MAX_PARAM_CHARACTERS = 128;

/**
 * Creates a server without routes: strict in what it takes and gives, silent about its insides.
 *
 * Schemas are checked in both directions: nothing coerced, nothing stripped, unknown members refused (SR-24); an answer
 * that is not what its schema says becomes a fault instead of leaving. Every error is a problem (RFC 9457).
 */
export function createServer({ log, tls, trustedProxies = [] }: ServerOptions): FastifyInstance {
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const renewable = tls === undefined ? undefined : createRenewableTls(tls);
  const secure = { ...renewable?.options, handshakeTimeout: HEADERS_TIMEOUT_MS };
  const server: FastifyInstance = Fastify({
    ...(renewable === undefined ? { http: limits } : { https: { ...limits, ...secure } }),
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS, caseSensitive: true },
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  server.decorate("renewTls", (files: TlsFiles) => renewable?.renew(server.server, files));
  server.removeContentTypeParser("text/plain");
  server.setValidatorCompiler<TSchema>(({ schema }) => compileValidator(schema));
  server.setSerializerCompiler<TSchema>(({ schema }) => compileSerializer(schema));
  server.addHook("onRequest", (request, reply, done) => {
    // Else whoever is refused and goes on sending keeps us reading for as long as a request may take.
    if (hasLongBody(request)) reply.header("connection", "close");
    done();
  });
  addAuditContext(server);
  addPolicies(server);
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, request.method === "TRACE" ? "method-not-allowed" : "not-found"),
  );
  server.setErrorHandler((error, request, reply) => answerError({ error, request, reply, log }));
  return server;
}

function hasLongBody({ headers }: FastifyRequest): boolean {
  const length = Number(headers["content-length"] ?? 0);
  return length > MAX_BODY_BYTES || headers["transfer-encoding"] !== undefined;
}

/** What a request leads to can be told together in the audit log. */
function addAuditContext(server: FastifyInstance): void {
  server.decorateRequest("auditContext");
  server.addHook("onRequest", (request, _reply, done) => {
    request.auditContext = createRequestContext();
    runInContext(request.auditContext, done);
  });
  // A body is read by events of its socket, which belong to no request.
  server.addHook("preValidation", (request, _reply, done) => {
    runInContext(request.auditContext, done);
  });
}

/** Takes no route without a policy (SR-22), and serves none that asks for a guard which is not there. */
function addPolicies(server: FastifyInstance): void {
  const table: RouteEntry[] = [];
  server.decorate("routeTable", table);
  server.decorateRequest("isAdmitted", false);
  server.addHook("onRoute", ({ method, url, config }) => {
    const policy = requirePolicy({ url, policy: config?.policy });
    for (const one of [method].flat()) table.push({ method: one, url, policy });
  });
  server.addHook("preValidation", (request, _reply, done) => {
    done(isLetIn(request) ? undefined : new ProblemError("not-allowed"));
  });
}

function compileValidator(schema: TSchema) {
  const validator = Compile(schema);
  return (value: unknown) =>
    validator.Check(value) ? { value } : { error: new ProblemError("malformed") };
}

function compileSerializer(schema: TSchema) {
  const validator = Compile(schema);
  return (value: unknown) => {
    if (!validator.Check(value)) throw new TypeError("an answer is not what its schema says");
    return JSON.stringify(value);
  };
}

function answerError(failure: {
  readonly error: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly log: Logger;
}): FastifyReply {
  const { error, request, reply, log } = failure;
  if (error instanceof ProblemError) return sendProblem(reply, error.problem, error);
  const known = problemOfKnownError(error);
  if (known !== undefined) return sendProblem(reply, known);
  const instance = randomUUID();
  log.error("a request ended in a fault", {
    ...errorFields(error),
    method: request.method,
    code: instance,
  });
  return sendProblem(reply, "fault", { instance });
}

/**
 * What met another change of the same row, and what the framework itself refuses: sizes, media types, JSON that is none.
 * Anything else is our own fault.
 */
function problemOfKnownError(error: unknown): ProblemName | undefined {
  if (error instanceof ConflictError) return "conflict";
  switch (statusOf(error)) {
    case 400:
      return "malformed";
    case 413:
      return "too-large";
    case 415:
      return "media-type";
    default:
      return undefined;
  }
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
}
