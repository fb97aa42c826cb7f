import { BACKGROUND_HEADER, SESSION_COOKIE } from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { policyOf, ProblemError, requireSameOrigin, type Policy } from "../http/index.ts";
import type { SignedIn, StaffDesk } from "./staff-desk.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is signed in; null on routes that anybody may call. Read it with {@link signedInOf}. */
    signedIn: SignedIn | null;
  }
}

/**
 * Makes a server's API routes do what their policy says, before anything of the request is read.
 *
 * First where the request came from, then who sent it, then whether that role may. Cookies must have been parsed.
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
    if (policy !== "public") request.signedIn = await admit(request, policy, desk);
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

async function admit(
  request: FastifyRequest,
  policy: Exclude<Policy, "public">,
  desk: StaffDesk,
): Promise<SignedIn> {
  const token = sessionTokenOf(request);
  const background = request.headers[BACKGROUND_HEADER] === "1";
  const signedIn = token === undefined ? undefined : await desk.check({ token, background });
  if (signedIn === undefined) throw new ProblemError("not-signed-in");
  if (policy === "signed-in") return signedIn;
  if (policy === "operator" || !policy.includes(signedIn.staff.role)) {
    throw new ProblemError("not-allowed");
  }
  return signedIn;
}
