import fastify, { type FastifyInstance } from "fastify";
import { HEALTH_PATH } from "@siphms/relay";
import type { Health } from "@siphms/server-kit";
import type { Server } from "node:http";
import { addBrowserHeaders } from "./routes/browser-headers.ts";
import { addEnvelopeRoute, type SessionRoutePorts } from "./routes/envelopes.ts";
import { addHandshakeRoutes, type HandshakeRoutePorts } from "./routes/handshakes.ts";
import { trackInFlight, type InFlight } from "./routes/in-flight.ts";
import { addMailboxRoute } from "./routes/mailbox.ts";
import { createErrorHandler, sendStatus } from "./routes/problem.ts";
import { VALIDATION } from "./routes/schemas.ts";
import {
  createServer,
  limitConnections,
  type ServerLimits,
  type TlsFiles,
} from "./routes/server.ts";
import { addUplinkRoute, type UplinkRoutePorts } from "./routes/uplink.ts";

/** What the application works with. */
export interface AppPorts extends SessionRoutePorts, HandshakeRoutePorts, UplinkRoutePorts {
  readonly health: Health;
  /** Called for each answer, for the metrics. */
  readonly onAnswered: (route: string, status: number, seconds: number) => void;
}

/** How the application is reached. */
export interface AppOptions {
  readonly limits: ServerLimits;
  readonly tls?: TlsFiles;
  /** Whether devices reach it by https, be it through a proxy. */
  readonly secure: boolean;
  /** Addresses of reverse proxies whose `X-Forwarded-For` is believed. */
  readonly proxies: readonly string[];
}

/** The application and the requests that it is answering. */
export interface App {
  readonly app: FastifyInstance;
  readonly inFlight: InFlight;
}

/** Assembles the gateway's HTTP application; it does not listen yet. */
export async function createApp(ports: AppPorts, options: AppOptions): Promise<App> {
  const { limits, tls, secure, proxies } = options;
  const app = fastify({
    serverFactory: (handler): Server => createServer(handler, limits, tls),
    trustProxy: proxies.length > 0 ? [...proxies] : false,
    ajv: VALIDATION,
    exposeHeadRoutes: false,
    // Whoever closes the application waits for the answers under way first.
    forceCloseConnections: true,
    return503OnClosing: false,
  });
  app.removeAllContentTypeParsers();
  const inFlight = trackInFlight(app);
  limitConnections(app, limits.maxConnections);
  addBrowserHeaders(app, ports.directory, secure);
  app.addHook("onResponse", async (request, reply) => {
    ports.onAnswered(
      request.routeOptions.url ?? "none",
      reply.statusCode,
      reply.elapsedTime / 1000,
    );
  });
  app.setErrorHandler(createErrorHandler(ports.log));
  app.setNotFoundHandler((_request, reply) => sendStatus(reply, 404));
  app.get(HEALTH_PATH, async (_request, reply) => {
    const { ok } = await ports.health.check();
    return reply.code(ok ? 200 : 503).send();
  });
  await app.register((scope, _options, done) => {
    addHandshakeRoutes(scope, ports);
    done();
  });
  await app.register((scope, _options, done) => {
    addEnvelopeRoute(scope, ports);
    addMailboxRoute(scope, ports);
    done();
  });
  await app.register(async (scope) => addUplinkRoute(scope, ports));
  return { app, inFlight };
}
