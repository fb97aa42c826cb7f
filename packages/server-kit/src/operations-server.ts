import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Health } from "./health.ts";
import { errorFields, type Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { listenOnSocket } from "./unix-socket.ts";

/** What {@link serveOperations} needs. */
export interface OperationsServerOptions {
  /** The Unix socket, such as `run/gateway.sock`; never a port. */
  readonly socketPath: string;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly log: Logger;
}

/** A server for the operator's tools on this machine. */
export interface OperationsServer {
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` (Prometheus text) and `GET /health` (JSON with the names of failing parts) on a Unix socket.
 *
 * Whoever can reach the socket is the operator: it lies in a folder of mode 0700.
 *
 * @throws {ServerKitError} `SOCKET_IN_USE`, `SOCKET_UNSAFE`, `FOLDER_UNSAFE` as `listenOnSocket` does.
 */
export async function serveOperations(options: OperationsServerOptions): Promise<OperationsServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      options.log.error("operations request failed", errorFields(error));
      response.destroy();
    });
  });
  const socket = await listenOnSocket(server, options.socketPath);
  return {
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
      socket.remove();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { metrics, health }: OperationsServerOptions,
): Promise<void> {
  if (request.method !== "GET") {
    response.writeHead(405, { allow: "GET" }).end();
  } else if (request.url === "/metrics") {
    response.writeHead(200, { "content-type": metrics.contentType }).end(await metrics.text());
  } else if (request.url === "/health") {
    const report = await health.check();
    response
      .writeHead(report.ok ? 200 : 503, { "content-type": "application/json" })
      .end(JSON.stringify(report));
  } else {
    response.writeHead(404).end();
  }
}
