import { CONSOLE_PATHS, EMERGENCY_HEADER } from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { policyOf, ProblemError } from "../http/index.ts";

/** What every answer says of emergency mode. */
export interface EmergencyState {
  /** When it began, ms. */
  readonly since: number;
  /** Up to when the copy of the records goes, ms; 0 where that is not known. */
  readonly copyAsOf: () => number;
}

const API = "/api/";
/** Signing in and out changes nothing but this program's memory. */
const SIGNING_IN: ReadonlySet<string> = new Set([
  CONSOLE_PATHS.session,
  CONSOLE_PATHS.sessions,
  CONSOLE_PATHS.logInPasskeyRequest,
  CONSOLE_PATHS.logInPasskey,
  CONSOLE_PATHS.logInPassword,
  CONSOLE_PATHS.stepUpPasskeyRequest,
  CONSOLE_PATHS.stepUpPasskey,
  CONSOLE_PATHS.stepUpPassword,
]);

/**
 * Says with every answer that this is emergency mode, and refuses with words whatever is more than looking at one's own
 * patients. To be added before every other guard. What should slip through ends at a database that takes no writes.
 */
export function addEmergencyGuard(server: FastifyInstance, state: EmergencyState): void {
  server.addHook("onRequest", (request, reply, done) => {
    void reply.header(EMERGENCY_HEADER, `${String(state.since)} ${String(state.copyAsOf())}`);
    done(isServed(request) ? undefined : new ProblemError("emergency-mode"));
  });
}

function isServed(request: FastifyRequest): boolean {
  // By the route, which is one however its address is written: `/%61pi/live` is `/api/live`.
  const { url } = request.routeOptions;
  // The console's pages themselves.
  if (url?.startsWith(API) !== true) return !request.url.startsWith(API);
  const policy = policyOf(request);
  if (policy === undefined) return false;
  if (typeof policy === "string") return SIGNING_IN.has(url);
  // A stream would look alive, and nothing comes.
  if (request.method !== "GET" || url === CONSOLE_PATHS.live) return false;
  return policy.relation === "patient" || policy.relation === "own-patients";
}
