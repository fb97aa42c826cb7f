import { CSP_NONCE_PLACEHOLDER, EVIDENCE_VERIFIER_PATH } from "@siphms/api";
import type { FastifyInstance, FastifyReply } from "fastify";
import {
  cacheControl,
  createNonce,
  ProblemError,
  setPagePolicy,
  type StaticFile,
  type StaticFiles,
} from "../http/index.ts";

const INDEX = "/index.html";

/**
 * Serves the built console: its files by name, and its page for every address of its own.
 *
 * The page's policy lets in scripts of this origin only, and style tags that carry the page's nonce: the component
 * library writes its tokens into such tags. A style attribute in markup, an inline script and `eval` stay refused, and a
 * text becomes markup only as the page's one Trusted Types policy allows.
 */
export function addConsolePages(server: FastifyInstance, files: StaticFiles): void {
  server.get("/*", { config: { policy: "public" } }, (request, reply) => {
    const path = pathOf(request.url);
    const file = path === INDEX ? undefined : files.get(path);
    // To be kept and opened elsewhere: its script is its own, which this origin's policy would not run.
    if (path === EVIDENCE_VERIFIER_PATH) void reply.header("content-disposition", "attachment");
    if (file !== undefined) return sendFile(reply, file);
    const index = files.get(INDEX);
    // The console's own addresses are paths without a dot; whatever has one would be a file.
    if (index === undefined || path.startsWith("/api/") || path.includes(".")) {
      throw new ProblemError("not-found");
    }
    return sendIndex(reply, index);
  });
}

/** Serves a folder of files by name, `/` and further addresses as its page. */
export function sendFile(reply: FastifyReply, file: StaticFile): FastifyReply {
  return reply.header("cache-control", cacheControl(file)).type(file.mediaType).send(file.body);
}

/** The path of a request's address, without its query. */
export function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

function sendIndex(reply: FastifyReply, index: StaticFile): FastifyReply {
  const nonce = createNonce();
  setPagePolicy(reply, [
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types default",
  ]);
  return reply
    .header("cache-control", "no-store")
    .type(index.mediaType)
    .send(index.body.toString("utf8").replaceAll(CSP_NONCE_PLACEHOLDER, nonce));
}
