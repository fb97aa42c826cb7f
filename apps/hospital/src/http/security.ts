import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "./problem.ts";

/** What the headers of one listener depend on. */
export interface SecurityOptions {
  /** The listener's own origin as browsers name it. Requests for any other host are refused. */
  readonly origin: string;
  /** Browser features that pages of this listener may use; all others are off. */
  readonly permissions?: readonly string[];
}

/** Features that could watch a person or reach other devices; all off unless a listener names one. */
const FEATURES = [
  "accelerometer",
  "autoplay",
  "bluetooth",
  "browsing-topics",
  "camera",
  "clipboard-read",
  "display-capture",
  "encrypted-media",
  "fullscreen",
  "geolocation",
  "gyroscope",
  "hid",
  "idle-detection",
  "local-fonts",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "picture-in-picture",
  "publickey-credentials-create",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "usb",
  "xr-spatial-tracking",
];
const HSTS = "max-age=63072000; includeSubDomains";
/** For everything that is no page: an answer of the API that a browser is made to open can load and run nothing. */
const CSP_NOTHING =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SAFE_METHODS = new Set(["GET", "HEAD"]);

/** Sets the headers that every answer of a listener carries, errors included, and refuses foreign hosts (SR-48). */
export function addSecurity(server: FastifyInstance, options: SecurityOptions): void {
  const { host, protocol } = new URL(options.origin);
  const allowed = new Set(options.permissions ?? []);
  const permissionsPolicy = FEATURES.map((feature) =>
    allowed.has(feature) ? `${feature}=(self)` : `${feature}=()`,
  ).join(", ");
  server.addHook("onRequest", async (request, reply) => {
    void reply.headers({
      "content-security-policy": CSP_NOTHING,
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "origin-agent-cluster": "?1",
      "permissions-policy": permissionsPolicy,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    if (protocol === "https:") void reply.header("strict-transport-security", HSTS);
    // A name that an attacker points at this machine (DNS rebinding) is not this listener's own.
    if (request.headers.host !== host) throw new ProblemError("host-unknown");
  });
}

/**
 * Makes sure that a request came from a page of `origin` (SR-21, SR-49).
 *
 * What changes something must say so by its Origin; what only reads may leave Origin out, as browsers do, but must not
 * contradict. `Sec-Fetch-Site` is set by the browser and no page can forge it.
 *
 * @param input.proof - Wanted even for reading: the live stream, which stays open.
 * @throws {ProblemError} `origin-refused`
 */
export function requireSameOrigin(
  request: FastifyRequest,
  input: { readonly origin: string; readonly proof?: boolean },
): void {
  const { origin, "sec-fetch-site": site } = request.headers;
  const reads = SAFE_METHODS.has(request.method);
  if (origin === undefined ? !reads : origin !== input.origin) throw refused();
  if (site !== undefined && site !== "same-origin" && !(reads && site === "none")) throw refused();
  if (input.proof === true && origin === undefined && site !== "same-origin") throw refused();
}

/** A new nonce for one page: 128 random bits. */
export function createNonce(): string {
  return randomBytes(16).toString("base64");
}

/** Sets the policy of a page in place of {@link CSP_NOTHING}. */
export function setPagePolicy(reply: FastifyReply, directives: readonly string[]): void {
  void reply.header(
    "content-security-policy",
    [
      "default-src 'none'",
      ...directives,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  );
}

function refused(): ProblemError {
  return new ProblemError("origin-refused");
}
