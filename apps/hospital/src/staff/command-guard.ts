import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError, routeOf } from "../http/index.ts";
import { noteCaller, type SignedIn } from "./sessions.ts";
import type { StaffDesk } from "./staff-desk.ts";

const BEARER = /^Bearer ([A-Za-z0-9_-]{43})$/;

/**
 * Finds out who logged in on the private socket, for routes that want to know it. Whether they may is judged after it.
 *
 * Here no browser's cookie counts, and in a browser no token of the command line.
 */
export function addCommandGuard(
  server: FastifyInstance,
  { desk }: { readonly desk: StaffDesk },
): void {
  server.decorateRequest("signedIn", null);
  server.addHook("onRequest", async (request, reply) => {
    void reply.header("cache-control", "no-store");
    const signedIn = await identify(request, desk);
    if (signedIn === undefined) {
      await desk.noteUnknownCaller(routeOf(request));
      throw new ProblemError(
        "not-signed-in",
        "This shows or changes data of patients, so it wants to know who you are. Run siphms login first; in a script, siphms login --key FILE.",
      );
    }
    request.signedIn = noteCaller(signedIn);
  });
}

/** The token of the session in which a request on the private socket was made, where it carries one. */
export function commandTokenOf({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? "")?.[1];
}

async function identify(request: FastifyRequest, desk: StaffDesk): Promise<SignedIn | undefined> {
  const token = commandTokenOf(request);
  if (token === undefined) return undefined;
  return desk.check({ token, background: false, channel: "command-line" });
}
