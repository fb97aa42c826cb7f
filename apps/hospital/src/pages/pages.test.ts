import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CSP_NONCE_PLACEHOLDER, EVIDENCE_VERIFIER_PATH } from "@siphms/api";
import { silentLogger } from "@siphms/server-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPatientAppServer } from "../app.ts";
import { addSecurity, createServer, readStaticFiles, type StaticFiles } from "../http/index.ts";
import { addConsolePages, ENROL_PAGE_FOLDER } from "./index.ts";

const origin = "http://localhost:8091";
const headers = { host: "localhost:8091" };
let folder: string;
let files: StaticFiles;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "console-"));
  await mkdir(path.join(folder, "built", "assets"), { recursive: true });
  const built = {
    "index.html": `<meta nonce="${CSP_NONCE_PLACEHOLDER}"><style nonce="${CSP_NONCE_PLACEHOLDER}">`,
    "icon.svg": "<svg/>",
    "evidence-verifier.html": "<script>verify()</script>",
    "assets/main-3f2a9c1b.js": "start()",
    "assets/main-3f2a9c1b.js.map": "{}",
    "notes.md": "internal",
  };
  for (const [name, text] of Object.entries(built)) {
    await writeFile(path.join(folder, "built", name), text);
  }
  await writeFile(path.join(folder, "secret.txt"), "secret");
  files = await readStaticFiles(path.join(folder, "built"));
});

afterAll(() => rm(folder, { recursive: true }));

const openConsole = (url: string) => {
  const server = createServer({ log: silentLogger });
  addSecurity(server, { origin });
  addConsolePages(server, files);
  return server.inject({ url, headers });
};

describe("the console's page", () => {
  it.each(["/", "/patients/7", "/enter", "/?language=ar", "/index.html"])(
    "answers its own address %s with a fresh nonce",
    async (url) => {
      if (url === "/index.html") {
        expect((await openConsole(url)).statusCode).toBe(404);
        return;
      }
      const [first, second] = [await openConsole(url), await openConsole(url)];
      const nonce = /'nonce-([A-Za-z0-9+/=]{24})'/.exec(
        String(first.headers["content-security-policy"]),
      )?.[1];
      expect(nonce).toBeDefined();
      expect(first.body).toBe(`<meta nonce="${nonce ?? ""}"><style nonce="${nonce ?? ""}">`);
      expect(second.body).not.toBe(first.body);
      expect(first.headers["cache-control"]).toBe("no-store");
    },
  );

  it("lets in no inline script, no eval and no foreign origin (SR-48) [HS-308a5B]", async () => {
    const policy = String((await openConsole("/")).headers["content-security-policy"]);
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types default");
    expect(policy).not.toMatch(/https?:|\*/);
  });

  it("serves built files by name, the hashed ones for ever", async () => {
    const script = await openConsole("/assets/main-3f2a9c1b.js");
    expect(script.body).toBe("start()");
    expect(script.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    });
    expect((await openConsole("/icon.svg")).headers["cache-control"]).toBe("no-cache");
  });

  it("gives the verifier page to be kept, not to be run here", async () => {
    const answer = await openConsole(EVIDENCE_VERIFIER_PATH);
    expect(answer.body).toBe("<script>verify()</script>");
    expect(answer.headers["content-disposition"]).toBe("attachment");
    expect(String(answer.headers["content-security-policy"])).not.toContain("unsafe");
    expect((await openConsole("/icon.svg")).headers["content-disposition"]).toBeUndefined();
  });

  it.each([
    "/assets/main-3f2a9c1b.js.map",
    "/notes.md",
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "//secret.txt",
    "/.env",
    "/api/none",
    "/api/",
  ])("serves nothing at %s (SR-62)", async (url) => {
    const answer = await openConsole(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.body).not.toContain("secret");
  });
});

describe("the patient app's origin, before there is an app", () => {
  const openApp = async (url: string) => {
    const server = createPatientAppServer({
      log: silentLogger,
      origin,
      files: await readStaticFiles(ENROL_PAGE_FOLDER),
      isApp: false,
      gateways: ["http://127.0.0.1:8080"],
      demo: false,
    });
    return server.inject({ url, headers });
  };

  it.each(["/", "/enrol"])("says at %s how to enrol, and runs no script", async (url) => {
    const answer = await openApp(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain("siphms device enrol");
    expect(answer.body).not.toMatch(/<script|javascript:|\son[a-z]+=|style=/i);
    expect(answer.headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(answer.headers["referrer-policy"]).toBe("no-referrer");
  });

  it.each(["/api/session", "/api/patients", "/enrol/x", "/main.js", "/operator/patients"])(
    "has nothing at %s and sets no cookie",
    async (url) => {
      const answer = await openApp(url);
      expect(answer.statusCode).toBe(404);
      expect(answer.headers).not.toHaveProperty("set-cookie");
    },
  );
});

describe("the built patient app", () => {
  const built = new Map(
    Object.entries({
      "/index.html": "<head><!-- SIPHMS-DEMO --></head>",
      "/service-worker.js": 'const page = "SIPHMS-PAGE-REVISION"',
      "/assets/worker-3f2a9c1b.js": "derive()",
    }).map(([name, text]) => [
      name,
      { body: Buffer.from(text), mediaType: "text/javascript; charset=utf-8", immutable: false },
    ]),
  );
  const open = (url: string, options: { demo?: boolean; gateways?: readonly string[] } = {}) =>
    createPatientAppServer({
      log: silentLogger,
      origin,
      files: built,
      isApp: true,
      gateways: ["https://gateway.example"],
      demo: false,
      ...options,
    }).inject({ url, headers });

  it("may talk to its own origin and the gateways, and use Bluetooth, camera and fingerprint", async () => {
    const answer = await open("/enrol");
    const policy = String(answer.headers["content-security-policy"]);
    expect(policy).toContain("connect-src 'self' https://gateway.example;");
    const permissions = String(answer.headers["permissions-policy"]);
    for (const feature of ["bluetooth", "camera", "publickey-credentials-create"]) {
      expect(permissions).toContain(`${feature}=(self)`);
    }
    expect(permissions).toContain("geolocation=()");
  });

  it("lets in no inline script, no style tag, no eval, and no script but through the app's policy [HS-308a5B]", async () => {
    const policy = String((await open("/")).headers["content-security-policy"]);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|nonce|\*/);
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types siphms;");
  });

  it("gives a worker the page's policy, and any other file none", async () => {
    const page = await open("/");
    const worker = await open("/assets/worker-3f2a9c1b.js");
    const policyOf = ({ headers: all }: typeof page) => all["content-security-policy"];
    expect(policyOf(worker)).toBe(policyOf(page));
    expect(policyOf(await open("/assets/none.png"))).toContain("default-src 'none'");
    expect(policyOf(await open("/assets/none.png"))).not.toContain("script-src");
  });

  it("says in the page that this is a demonstration, only where it is one", async () => {
    expect((await open("/", { demo: true })).body).toContain('<meta name="siphms-demo"');
    expect((await open("/")).body).toBe("<head></head>");
  });

  it("is a new version for its service worker when page or policy changed, and only then", async () => {
    const workerOf = async (options: Parameters<typeof open>[1]) =>
      (await open("/service-worker.js", options)).body;
    const known = await workerOf({});
    expect(known).toMatch(/^const page = "[0-9a-f]{32}"$/);
    expect(await workerOf({})).toBe(known);
    expect(await workerOf({ demo: true })).not.toBe(known);
    expect(await workerOf({ gateways: ["https://other.example"] })).not.toBe(known);
  });

  it("has the places in its sources that the hospital writes into", async () => {
    const source = (file: string) =>
      readFile(new URL(`../../../patient/${file}`, import.meta.url), "utf8");
    expect(await source("index.html")).toContain("<!-- SIPHMS-DEMO -->");
    expect(await source("src/service-worker.ts")).toContain('"SIPHMS-PAGE-REVISION"');
  });
});
