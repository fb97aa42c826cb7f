import type { ServerResponse } from "node:http";
import { CONSOLE_PATHS } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { actorOf, CARE_ROLES, type AccessDesk, type Grant } from "../access/index.ts";
import { requireSameOrigin, type Rule } from "../http/index.ts";
import { sessionTokenOf, signedInOf, type SignedIn, type StaffDesk } from "../staff/index.ts";
import type { LiveHub } from "./hub.ts";
import { createSight, type Sight } from "./sight.ts";

/** Bytes waiting for a browser that does not read; beyond, its stream ends and it comes back when it can. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** How often the stream looks whether its session and what it may show still hold (SR-25, SR-49). */
const RECHECK_MS = 5000;
/** How often an idle stream says that it lives; proxies cut silent ones after about a minute. */
const PING_MS = 15_000;
/** Without an id, so that the browser's place stays where it was. */
const RELOAD = "event: reload\ndata: {}\n\n";

interface LivePorts {
  readonly hub: LiveHub;
  readonly desk: StaffDesk;
  readonly access: AccessDesk;
  readonly clock: Clock;
  readonly origin: string;
  readonly recheckMs?: number;
}

/** Those who look after patients hear of their own; privacy officers hear of emergencies. */
const watch: Rule = {
  roles: [...CARE_ROLES, "privacy-officer"],
  relation: "own-patients",
  stepUp: false,
};

/** The stream of live events: `GET /api/live`, server-sent events. */
export function addLiveRoutes(server: FastifyInstance, ports: LivePorts): void {
  server.get(CONSOLE_PATHS.live, { config: { policy: watch } }, async (request, reply) => {
    requireSameOrigin(request, { origin: ports.origin, proof: true });
    const signedIn = signedInOf(request);
    const sight = createSight({
      role: signedIn.staff.role,
      clock: ports.clock,
      load: openRecordsOf(signedIn, ports),
    });
    await sight.renew();
    openStream(request, reply, { ...ports, sight, signedIn });
  });
}

/** Reads which records are open to a person; those that this stream has not shown yet are noted before it does. */
function openRecordsOf(
  signedIn: SignedIn,
  { access }: LivePorts,
): () => Promise<ReadonlyMap<string, Grant>> {
  const noted = new Set<string>();
  return async () => {
    if (!CARE_ROLES.includes(signedIn.staff.role)) return new Map();
    const grants = await access.grantsOf(signedIn.staff.id);
    const records = [...grants.values()].filter((grant) => !noted.has(keyOf(grant)));
    await access.noteShown({ actor: actorOf(signedIn), what: "live", records });
    for (const grant of records) noted.add(keyOf(grant));
    return grants;
  };
}

function keyOf({ patientId, purpose }: Grant): string {
  return `${patientId} ${purpose}`;
}

interface StreamPorts extends LivePorts {
  readonly sight: Sight;
  readonly signedIn: SignedIn;
}

function openStream(request: FastifyRequest, reply: FastifyReply, ports: StreamPorts): void {
  const { hub, sight, signedIn } = ports;
  const { raw } = reply;
  // From here on the answer is written by hand, with the headers that every answer has.
  reply.hijack();
  // Whoever has gone while the records were looked up gets no stream, which nothing would end.
  if (raw.destroyed) return;
  raw.writeHead(200, {
    ...headersOf(reply),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // For a reverse proxy that would otherwise hold events back.
    "x-accel-buffering": "no",
  });
  const write = writerTo(raw);
  const end = (): void => {
    raw.end();
  };
  const renew = async (): Promise<void> => {
    if (await sight.renew()) write(RELOAD);
  };
  write("retry: 3000\n\n");
  const unsubscribe = hub.subscribe(
    {
      sessionKey: signedIn.sessionKey,
      staffId: signedIn.staff.id,
      maySee: (to) => sight.maySee(to),
      accessChanged: () => {
        // At once, and only then what is open now: in between the screen misses events, so it fetches anew.
        sight.shut();
        sight.renew().then(() => {
          write(RELOAD);
        }, end);
      },
      send: ({ id, name, data }) => {
        write(`id: ${id}\nevent: ${name}\ndata: ${data}\n\n`);
      },
      end,
    },
    lastEventIdOf(request),
  );
  // What changed between the first look and now was told to nobody.
  renew().catch(end);
  const ping = setInterval(() => {
    write("event: ping\ndata: {}\n\n");
  }, PING_MS);
  const recheckNow = async (): Promise<void> => {
    if (await holdsStill(request, ports)) await renew();
    else end();
  };
  const recheck = setInterval(() => {
    // Whether it holds cannot be told: then it does not.
    recheckNow().catch(end);
  }, ports.recheckMs ?? RECHECK_MS);
  raw.once("close", () => {
    clearInterval(ping);
    clearInterval(recheck);
    unsubscribe();
  });
}

/** Writes to a browser that listens, and cuts one off that does not read. */
function writerTo(raw: ServerResponse): (text: string) => void {
  return (text) => {
    if (raw.writableEnded || raw.destroyed) return;
    if (raw.writableLength > MAX_WAITING_BYTES) raw.destroy();
    else raw.write(text);
  };
}

/** Whether the session still holds, of the same person in the same role. */
async function holdsStill(request: FastifyRequest, ports: StreamPorts): Promise<boolean> {
  const token = sessionTokenOf(request) ?? "";
  // Never extends the idle limit: a screen that nobody looks at must not keep itself open (SR-17).
  const now = await ports.desk.check({ token, background: true });
  const { id, role } = ports.signedIn.staff;
  return now?.staff.id === id && now.staff.role === role;
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
