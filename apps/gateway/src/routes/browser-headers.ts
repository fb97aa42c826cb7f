import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HospitalDirectory } from "../domain/ports.ts";

const HSTS = "max-age=63072000; includeSubDomains";
const PREFLIGHT_SECONDS = "600";

/**
 * Sets on every answer what browsers need: CORS for the patient apps of admitted hospitals
 * (protocol section 7), and headers that keep anything served here from being used as a page.
 *
 * @param secure - Whether devices reach this gateway by https; then HSTS is set.
 */
export function addBrowserHeaders(
  app: FastifyInstance,
  directory: HospitalDirectory,
  secure: boolean,
): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      vary: "origin",
    });
    if (secure) reply.header("strict-transport-security", HSTS);
    const allowed = allowOrigin(request, reply, directory);
    if (isPreflight(request)) await answerPreflight(reply, allowed);
  });
}

function allowOrigin(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  directory: HospitalDirectory,
): boolean {
  const { origin } = headers;
  if (origin === undefined || !directory.isAppOrigin(origin)) return false;
  // No Access-Control-Allow-Credentials: the pass travels in a header, and nothing here knows a cookie.
  reply.headers({
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "Siphms-Cursor, Location, Retry-After",
  });
  return true;
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

function answerPreflight(reply: FastifyReply, allowed: boolean): FastifyReply {
  if (allowed) {
    reply.headers({
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "Authorization, Content-Type, Prefer",
      "access-control-max-age": PREFLIGHT_SECONDS,
    });
  }
  return reply.code(204).send();
}
