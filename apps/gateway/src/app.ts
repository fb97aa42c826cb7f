import fastify, { type FastifyInstance } from "fastify";
import { HEALTH_PATH } from "@siphms/relay";
import type { Health } from "@siphms/server-kit";
import type { Server } from "node:http";
import type { RefusalPace } from "./domain/refusal-pace.ts";
import type { RefusalReason } from "./domain/refusal.ts";
import { addBrowserHeaders } from "./routes/browser-headers.ts";
import { addEnvelopeRoute } from "./routes/envelopes.ts";
import { addHandshakeRoutes, type HandshakeRoutePorts } from "./routes/handshakes.ts";
import { trackInFlight, type InFlight } from "./routes/in-flight.ts";
import { limitConnections } from "./routes/connections.ts";
import { addMailboxRoute, type MailboxRoutePorts } from "./routes/mailbox.ts";
import { createErrorHandler, sendRefusal, sendStatus } from "./routes/problem.ts";
import { VALIDATION } from "./routes/schemas.ts";
import { parseProxies } from "./routes/proxies.ts";
import { addWitnessRoute, type WitnessRoutePorts } from "./routes/witness.ts";
import { createServer, type ServerLimits, type TlsFiles } from "./routes/server.ts";
import { addUplinkRoute, type UplinkRoutePorts } from "./routes/uplink.ts";

/** What the application works with. */
export interface AppPorts
  extends
    Omit<MailboxRoutePorts, "onSlowReader">,
    HandshakeRoutePorts,
    UplinkRoutePorts,
    WitnessRoutePorts {
  readonly health: Health;
  /** Called for each answer, for the metrics. */
  readonly onAnswered: (route: string, status: number, seconds: number) => void;
  /** Called for everything that was refused, for the metrics. */
  readonly onRefused: (reason: RefusalReason) => void;
  readonly refusalPace: RefusalPace;
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
  /** How many connections are open. */
  readonly connections: () => number;
}

/** Assembles the gateway's HTTP application; it does not listen yet. */
export async function createApp(ports: AppPorts, options: AppOptions): Promise<App> {
  const { limits, tls, secure, proxies } = options;
  const { onRefused } = ports;
  const isProxy = parseProxies(proxies);
  const app = fastify({
    serverFactory: (handler): Server =>
      createServer(handler, { limits, tls, onUnparsed: onRefused }),
    trustProxy: proxies.length > 0 ? isProxy : false,
    ajv: VALIDATION,
    exposeHeadRoutes: false,
    // Whoever closes the application waits for the answers under way first.
    forceCloseConnections: true,
    return503OnClosing: false,
  });
  app.removeAllContentTypeParsers();
  app.decorateReply("refusedFor");
  app.decorate("refusalPace", ports.refusalPace);
  const inFlight = trackInFlight(app);
  const connections = limitConnections(app, {
    maxConnections: limits.maxConnections,
    isProxy,
    onCrowded: () => {
      onRefused("connection-places");
    },
  });
  addBrowserHeaders(app, ports.directory, secure);
  app.addHook("onResponse", async (request, reply) => {
    ports.onAnswered(
      request.routeOptions.url ?? "none",
      reply.statusCode,
      reply.elapsedTime / 1000,
    );
    if (reply.refusedFor !== undefined) onRefused(reply.refusedFor);
  });
  app.setErrorHandler(createErrorHandler(ports.log));
  app.setNotFoundHandler((_request, reply) => sendStatus(reply, 404));
  addHealthRoute(app, ports);
  await app.register((scope, _options, done) => {
    addHandshakeRoutes(scope, ports);
    done();
  });
  await app.register((scope, _options, done) => {
    addEnvelopeRoute(scope, ports);
    addMailboxRoute(scope, {
      ...ports,
      onSlowReader: () => {
        onRefused("slow-reader");
      },
    });
    done();
  });
  await app.register((scope, _options, done) => {
    addWitnessRoute(scope, ports);
    done();
  });
  await app.register(async (scope) => addUplinkRoute(scope, ports));
  return { app, inFlight, connections };
}

function addHealthRoute(
  app: FastifyInstance,
  { health, addressLimit }: Pick<AppPorts, "health" | "addressLimit">,
): void {
  app.get(HEALTH_PATH, async (request, reply) => {
    const busy = addressLimit.admit(request.ip);
    if (busy !== undefined) return sendRefusal(reply, busy);
    const { ok } = await health.check();
    return reply.code(ok ? 200 : 503).send();
  });
}
