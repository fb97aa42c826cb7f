import { CONSOLE_PATHS } from "@siphms/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requireSameOrigin } from "../http/index.ts";
import { sessionTokenOf, signedInOf, type StaffDesk } from "../staff/index.ts";
import type { LiveHub } from "./hub.ts";

/** Bytes waiting for a browser that does not read; beyond, its stream ends and it comes back when it can. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** How often the stream looks whether its session still holds (SR-49). */
const RECHECK_MS = 5000;
/** How often an idle stream says that it lives; proxies cut silent ones after about a minute. */
const PING_MS = 15_000;

interface LivePorts {
  readonly hub: LiveHub;
  readonly desk: StaffDesk;
  readonly origin: string;
  readonly recheckMs?: number;
}

/** The stream of live events: `GET /api/live`, server-sent events. */
export function addLiveRoutes(server: FastifyInstance, ports: LivePorts): void {
  server.get(CONSOLE_PATHS.live, { config: { policy: ["doctor", "nurse"] } }, (request, reply) => {
    requireSameOrigin(request, { origin: ports.origin, proof: true });
    openStream(request, reply, ports);
  });
}

function openStream(request: FastifyRequest, reply: FastifyReply, ports: LivePorts): void {
  const { hub, desk } = ports;
  const { sessionKey } = signedInOf(request);
  const token = sessionTokenOf(request) ?? "";
  const { raw } = reply;
  // From here on the answer is written by hand, with the headers that every answer has.
  reply.hijack();
  raw.writeHead(200, {
    ...headersOf(reply),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // For a reverse proxy that would otherwise hold events back.
    "x-accel-buffering": "no",
  });
  const write = (text: string): void => {
    if (raw.writableLength > MAX_WAITING_BYTES) raw.destroy();
    else raw.write(text);
  };
  write("retry: 3000\n\n");
  const unsubscribe = hub.subscribe(
    {
      sessionKey,
      send: ({ id, name, data }) => {
        write(`id: ${id}\nevent: ${name}\ndata: ${data}\n\n`);
      },
      end: () => raw.end(),
    },
    lastEventIdOf(request),
  );
  const ping = setInterval(() => {
    write("event: ping\ndata: {}\n\n");
  }, PING_MS);
  const recheck = setInterval(() => {
    // Never extends the idle limit: a screen that nobody looks at must not keep itself open (SR-17).
    desk.check({ token, background: true }).then(
      (signedIn) => {
        if (signedIn === undefined) raw.end();
      },
      // Whether the session holds cannot be told: then it does not.
      () => raw.end(),
    );
  }, ports.recheckMs ?? RECHECK_MS);
  raw.once("close", () => {
    clearInterval(ping);
    clearInterval(recheck);
    unsubscribe();
  });
}

function headersOf(reply: FastifyReply): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (typeof value === "string") headers[name] = value;
  }
  return headers;
}

function lastEventIdOf(request: FastifyRequest): string | undefined {
  const header = request.headers["last-event-id"];
  return typeof header === "string" && header !== "" ? header : undefined;
}
