import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { ProblemError, setPagePolicy, type StaticFile, type StaticFiles } from "../http/index.ts";
import { pathOf, sendFile } from "./console-pages.ts";

/** The page that stands in where no patient app is built: without script, it cannot read the invitation. */
export const ENROL_PAGE_FOLDER: string = fileURLToPath(
  new URL("../../static/app/", import.meta.url),
);

const INDEX = "/index.html";
const PAGES = new Set(["/", "/enrol", INDEX]);
const SCRIPTLESS_POLICY = ["style-src 'self'"];
const SERVICE_WORKER = "/service-worker.js";
/** Stands in the app's page; a demonstration's gets {@link DEMO_META} in its place, any other nothing. */
const DEMO_PLACEHOLDER = "<!-- SIPHMS-DEMO -->";
const DEMO_META = '<meta name="siphms-demo" content="on" />';
/** Stands in the app's service worker, which keeps the page: it gets what page and policy are. */
const REVISION_PLACEHOLDER = "SIPHMS-PAGE-REVISION";

/** What the patient app is allowed besides its own origin. */
export interface PatientAppOptions {
  readonly files: StaticFiles;
  /** Whether `files` is the built patient app; else it is the page without script. */
  readonly isApp: boolean;
  /** Origins of the gateways that the app talks to. */
  readonly gateways: readonly string[];
  /** Whether the app offers the demonstration's sensors. */
  readonly demo: boolean;
}

/** Serves the patient app's origin: static files and nothing else, no API and no cookie. */
export function addPatientAppPages(server: FastifyInstance, options: PatientAppOptions): void {
  const { isApp, gateways } = options;
  const policy = isApp ? appPolicy(gateways) : SCRIPTLESS_POLICY;
  const files = isApp ? finishApp(options, policy) : options.files;
  server.get("/*", { config: { policy: "public" } }, (request, reply) => {
    const path = pathOf(request.url);
    const isPage = PAGES.has(path);
    const file = files.get(isPage ? INDEX : path);
    if (file === undefined) throw new ProblemError("not-found");
    // A worker has no page: its policy is its own script's.
    if (isPage || (isApp && path.endsWith(".js"))) setPagePolicy(reply, policy);
    return sendFile(reply, file);
  });
}

/**
 * What the page may do. Style tags are not allowed at all: the service worker keeps the page, so it could carry no fresh
 * nonce. Scripts are loaded by address only, through the app's one Trusted Types policy, which takes addresses of this
 * origin.
 */
function appPolicy(gateways: readonly string[]): readonly string[] {
  return [
    // WebAssembly for the key derivation of the PIN and for reading QR codes.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${["'self'", ...gateways].join(" ")}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types siphms",
  ];
}

/**
 * Writes into page and service worker what only the hospital knows.
 *
 * Browsers keep the page with the policy that it came with, and ask anew only when the service worker has changed. So
 * the revision names page and policy: another gateway is a new version of the app.
 */
function finishApp(
  { files, demo }: PatientAppOptions,
  policy: readonly string[],
): Map<string, StaticFile> {
  const finished = new Map(files);
  const index = files.get(INDEX);
  if (index === undefined) return finished;
  const page = replaced(index, DEMO_PLACEHOLDER, demo ? DEMO_META : "");
  finished.set(INDEX, page);
  const worker = files.get(SERVICE_WORKER);
  if (worker === undefined) return finished;
  const hash = createHash("sha256").update(page.body).update(policy.join("; "));
  const revision = hash.digest("hex").slice(0, 32);
  finished.set(SERVICE_WORKER, replaced(worker, REVISION_PLACEHOLDER, revision));
  return finished;
}

function replaced(file: StaticFile, placeholder: string, text: string): StaticFile {
  const body = file.body.toString("utf8").replaceAll(placeholder, text);
  return { ...file, body: Buffer.from(body) };
}
