import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { ProblemError, setPagePolicy, type StaticFiles } from "../http/index.ts";
import { pathOf, sendFile } from "./console-pages.ts";

/** The page that stands in where no patient app is built: without script, it cannot read the invitation. */
export const ENROL_PAGE_FOLDER: string = fileURLToPath(
  new URL("../../static/app/", import.meta.url),
);

const INDEX = "/index.html";
const PAGES = new Set(["/", "/enrol", INDEX]);
const SCRIPTLESS_POLICY = ["style-src 'self'"];

/** What the patient app is allowed besides its own origin. */
export interface PatientAppOptions {
  readonly files: StaticFiles;
  /** Whether `files` is the built patient app; else it is the page without script. */
  readonly isApp: boolean;
  /** Origins of the gateways that the app talks to. */
  readonly gateways: readonly string[];
}

/** Serves the patient app's origin: static files and nothing else, no API and no cookie. */
export function addPatientAppPages(server: FastifyInstance, options: PatientAppOptions): void {
  const { files, isApp, gateways } = options;
  const policy = isApp ? appPolicy(gateways) : SCRIPTLESS_POLICY;
  server.get("/*", { config: { policy: "public" } }, (request, reply) => {
    const path = pathOf(request.url);
    const isPage = PAGES.has(path);
    const file = files.get(isPage ? INDEX : path);
    if (file === undefined) throw new ProblemError("not-found");
    if (isPage) setPagePolicy(reply, policy);
    return sendFile(reply, file);
  });
}

function appPolicy(gateways: readonly string[]): readonly string[] {
  return [
    // WebAssembly for the key derivation of the PIN.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${["'self'", ...gateways].join(" ")}`,
    "worker-src 'self'",
    "manifest-src 'self'",
  ];
}
