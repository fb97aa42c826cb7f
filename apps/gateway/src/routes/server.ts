import { HEADERS, MEDIA_TYPES } from "@siphms/relay";
import { TLS_RULES } from "@siphms/server-kit";
import {
  createServer as createHttpServer,
  STATUS_CODES,
  type RequestListener,
  type Server,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import type { RefusalReason } from "../domain/refusal.ts";
import { problemText } from "./problem.ts";

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
  /** Milliseconds for which the refusal of what no honest device sends is held back; see `PaceLimits`. */
  readonly misuseHeldMs: number;
  /** Connections above which addresses with many of them lose some; see `limitConnections`. */
  readonly maxConnections: number;
}

/** The limits of a gateway in service. */
export const SERVER_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  idleTimeoutMs: 45_000,
  keepAliveTimeoutMs: 10_000,
  misuseHeldMs: 5_000,
  maxConnections: 20_000,
};

/** Connections above the limit whose request still gets an answer. */
export const SPARE_CONNECTIONS = 200;

// A pass takes less than a tenth of this, and twenty thousand unfinished requests are to fit into memory.
const MAX_HEADER_BYTES = 8192;

/** What {@link createServer} works with. */
export interface ServerPorts {
  readonly limits: ServerLimits;
  readonly tls: TlsFiles | undefined;
  /** Something was refused that never became a request. */
  readonly onUnparsed: (reason: RefusalReason) => void;
}

/** Creates the HTTP or HTTPS server below the application, with all its limits. */
export function createServer(handler: RequestListener, ports: ServerPorts): Server {
  const { limits, tls, onUnparsed } = ports;
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs),
  };
  const server =
    tls === undefined
      ? createHttpServer(options, handler)
      : createHttpsServer(
          {
            ...options,
            ...tls,
            ...TLS_RULES,
            handshakeTimeout: limits.headersTimeoutMs,
          },
          handler,
        );
  server.setTimeout(limits.idleTimeoutMs);
  // One more, so that the next one is looked at as well: `limitConnections` ends another for it. What comes here is a
  // proxy's, of which nobody ends any.
  server.maxConnections = limits.maxConnections + SPARE_CONNECTIONS + 1;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    answerUnparsed(error, socket, onUnparsed);
  });
  return server;
}

interface Unparsed {
  readonly status: 400 | 408 | 431;
  readonly reason: RefusalReason;
}

const NOT_HTTP: Unparsed = { status: 400, reason: "not-http" };
const UNPARSED: Readonly<Record<string, Unparsed>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, reason: "slow-request" },
  HPE_HEADER_OVERFLOW: { status: 431, reason: "long-headers" },
};

// What never became a request: too slow, headers too long, not HTTP.
function answerUnparsed(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  onUnparsed: ServerPorts["onUnparsed"],
): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, reason } = UNPARSED[error.code ?? ""] ?? NOT_HTTP;
  onUnparsed(reason);
  const body = status === 400 ? problemText("malformed") : "";
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`,
    `${HEADERS.contentType}: ${MEDIA_TYPES.problem}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
