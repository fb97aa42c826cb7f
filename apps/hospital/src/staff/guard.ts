import { BACKGROUND_HEADER, CONSOLE_PATHS, SESSION_COOKIE } from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { policyOf, ProblemError, requireSameOrigin, routeOf } from "../http/index.ts";
import { noteCaller, type SignedIn } from "./sessions.ts";
import type { StaffDesk } from "./staff-desk.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is signed in; null on routes that anybody may call. Read it with {@link signedInOf}. */
    signedIn: SignedIn | null;
  }
}

/**
 * Finds out for a server's API routes where a request came from and who sent it, before anything of it is read.
 *
 * Cookies must have been parsed. Whether that person may is judged after it: see `access/guard.ts`.
 */
export function addGuard(
  server: FastifyInstance,
  { desk, origin }: { readonly desk: StaffDesk; readonly origin: string },
): void {
  server.decorateRequest("signedIn", null);
  server.addHook("onRequest", async (request, reply) => {
    const policy = policyOf(request);
    if (policy === undefined) return;
    // What an API says is for this moment and this person.
    void reply.header("cache-control", "no-store");
    requireSameOrigin(request, { origin });
    if (policy !== "public") request.signedIn = noteCaller(await identify(request, desk));
  });
}

/** Who made a request that its policy let through. @throws {TypeError} on a route that anybody may call. */
export function signedInOf(request: FastifyRequest): SignedIn {
  if (request.signedIn === null) throw new TypeError("this route's policy lets anybody in");
  return request.signedIn;
}

/** The session cookie's value, where the browser sent one. */
export function sessionTokenOf(request: FastifyRequest): string | undefined {
  return request.cookies[SESSION_COOKIE];
}

async function identify(request: FastifyRequest, desk: StaffDesk): Promise<SignedIn> {
  const token = sessionTokenOf(request);
  const background = isBackground(request);
  const signedIn = token === undefined ? undefined : await desk.check({ token, background });
  if (signedIn === undefined) {
    // A page asks who is signed in when it opens: only what a rule guards is noted.
    if (typeof policyOf(request) === "object") await desk.noteUnknownCaller(routeOf(request));
    throw new ProblemError("not-signed-in");
  }
  return signedIn;
}

/** A live stream is opened by the page, again and again, and cannot send a header that says so (SR-17). */
function isBackground(request: FastifyRequest): boolean {
  return (
    request.headers[BACKGROUND_HEADER] === "1" || request.routeOptions.url === CONSOLE_PATHS.live
  );
}
