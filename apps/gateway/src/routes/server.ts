import { HEADERS, MEDIA_TYPES } from "@siphms/relay";
import {
  createServer as createHttpServer,
  STATUS_CODES,
  type RequestListener,
  type Server,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { CONNECTIONS_RETRY_SECONDS } from "../domain/limits.ts";
import { refuse } from "../domain/refusal.ts";
import { problemText, sendRefusal } from "./problem.ts";

/** Certificate chain and key in PEM form. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** How long a client may take and how many there may be. */
export interface ServerLimits {
  /** Milliseconds for the headers of a request. */
  readonly headersTimeoutMs: number;
  /** Milliseconds for a whole request. */
  readonly requestTimeoutMs: number;
  /** Milliseconds without a byte in either direction; longer than the longest wait of a mailbox. */
  readonly idleTimeoutMs: number;
  /** Milliseconds that an unused connection is kept. */
  readonly keepAliveTimeoutMs: number;
  /** Connections above which new requests are answered with `slow-down`. */
  readonly maxConnections: number;
}

/** The limits of a gateway in service. */
export const SERVER_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  idleTimeoutMs: 45_000,
  keepAliveTimeoutMs: 10_000,
  maxConnections: 20_000,
};

// Requests above the soft limit still get an answer; above this they get none.
const SPARE_CONNECTIONS = 200;

// TLS 1.2 only with forward secrecy and AEAD; TLS 1.3 has nothing else.
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
].join(":");

/** Creates the HTTP or HTTPS server below the application, with all its limits. */
export function createServer(
  handler: RequestListener,
  limits: ServerLimits,
  tls: TlsFiles | undefined,
): Server {
  const options = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs),
  };
  const server =
    tls === undefined
      ? createHttpServer(options, handler)
      : createHttpsServer(
          { ...options, ...tls, minVersion: "TLSv1.2", ciphers: CIPHERS, honorCipherOrder: true },
          handler,
        );
  server.setTimeout(limits.idleTimeoutMs);
  server.maxConnections = limits.maxConnections + SPARE_CONNECTIONS;
  server.on("clientError", answerUnparsed);
  return server;
}

/** Answers requests with `slow-down` while there are more connections than the soft limit. */
export function limitConnections(app: FastifyInstance, maxConnections: number): void {
  let open = 0;
  app.server.on("connection", (socket: Duplex) => {
    open += 1;
    socket.once("close", () => {
      open -= 1;
    });
  });
  app.addHook("onRequest", async (_request, reply) => {
    if (open <= maxConnections) return;
    reply.header("connection", "close");
    await sendRefusal(reply, refuse("slow-down", CONNECTIONS_RETRY_SECONDS));
  });
}

// What never became a request: too slow (408), headers too long (431), not HTTP (400).
function answerUnparsed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = UNPARSED_STATUS[error.code ?? ""] ?? 400;
  const body = status === 400 ? problemText("malformed") : "";
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`,
    `${HEADERS.contentType}: ${MEDIA_TYPES.problem}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

const UNPARSED_STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};
