import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { silentLogger as log } from "@siphms/server-kit";
import { createTestDatabase, type TestDatabase } from "@siphms/testkit";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { init } from "./init.ts";
import { loadHospitalSettings } from "./settings.ts";

/** The built program: `npm run build` makes it. */
const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
/** Longer than any start that fails, much shorter than for ever. */
const END_LIMIT_MS = 20_000;

let test: TestDatabase;
let data: string;
let environment: Record<string, string>;
let busy: Server;
let child: ChildProcess | undefined;

const listening = async (): Promise<Server> => {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  return server;
};
const portOf = (server: Server): string => String((server.address() as AddressInfo).port);
const freePort = async (): Promise<string> => {
  const server = await listening();
  const port = portOf(server);
  server.close();
  return port;
};
const file = async (name: string, content: string): Promise<string> => {
  const place = path.join(data, name);
  await writeFile(place, content, { mode: 0o600 });
  return place;
};

beforeAll(async () => {
  test = await createTestDatabase();
  data = await mkdtemp(path.join(tmpdir(), "siphms-serve-"));
  busy = await listening();
  environment = {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: test.url,
    DATABASE_ADMIN_URL: test.adminUrl,
    SIPHMS_DATA: data,
    HOSPITAL_ID: "city-hospital",
    SIPHMS_HOSPITAL_NAME: "City Hospital",
    // Nothing answers there, so an uplink that is left behind would try again for ever.
    SIPHMS_HOSPITAL_GATEWAYS: "http://127.0.0.1:1",
    SIPHMS_HOSPITAL_PORT: await freePort(),
    SIPHMS_HOSPITAL_APP_PORT: await freePort(),
  };
  await init(loadHospitalSettings(environment), { log, tell: () => undefined });
});

afterEach(() => {
  child?.kill("SIGKILL");
});

afterAll(async () => {
  busy.close();
  await test.drop();
  await rm(data, { recursive: true });
});

/** Runs the program to its end. @returns how it ended: a signal where it had to be killed, and what it told people. */
async function serveToTheEnd(more: Record<string, string>) {
  child = spawn(process.execPath, [MAIN], {
    env: { ...environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: END_LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const [out, err] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    child.stderr === null ? "" : text(child.stderr),
    once(child, "exit"),
  ]);
  const told = err.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  return { code: child.exitCode, signal: child.signalCode, out, told: told.join("\n") };
}

describe("a hospital that cannot be started", () => {
  it("says which folder of the console is missing, and ends", async () => {
    const ended = await serveToTheEnd({ SIPHMS_CONSOLE_DIR: path.join(data, "nowhere") });
    expect(ended).toMatchObject({ code: 2, signal: null, out: "" });
    expect(ended.told).toMatch(/nowhere cannot be served.*SIPHMS_CONSOLE_DIR/);
  });

  it("says which folder of the patient app is missing, and ends", async () => {
    const ended = await serveToTheEnd({ SIPHMS_APP_DIR: path.join(data, "nowhere") });
    expect(ended).toMatchObject({ code: 2, signal: null, out: "" });
    expect(ended.told).toMatch(/nowhere cannot be served.*SIPHMS_APP_DIR/);
  });

  it("says that a file of TLS is missing, and ends", async () => {
    const ended = await serveToTheEnd({
      SIPHMS_HOSPITAL_TLS_CERTIFICATE: path.join(data, "none.pem"),
      SIPHMS_HOSPITAL_TLS_KEY: path.join(data, "none.key"),
    });
    expect(ended).toMatchObject({ code: 2, signal: null, out: "" });
    expect(ended.told).toMatch(/SIPHMS_HOSPITAL_TLS_CERTIFICATE.*cannot be used/);
  });

  it("says that a file of TLS is none, tells nothing of the key, and ends", async () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const ended = await serveToTheEnd({
      SIPHMS_HOSPITAL_TLS_CERTIFICATE: await file("certificate.pem", "not a certificate"),
      SIPHMS_HOSPITAL_TLS_KEY: await file("key.pem", key),
    });
    expect(ended).toMatchObject({ code: 2, signal: null, out: "" });
    expect(ended.told).toMatch(/SIPHMS_HOSPITAL_TLS_CERTIFICATE.*cannot be used/);
    expect(ended.told).not.toContain("PRIVATE");
  });

  it("says that others can read the key of the certificate, and ends (SR-36)", async () => {
    const key = await file("open.key", "no key");
    await chmod(key, 0o644);
    const ended = await serveToTheEnd({
      SIPHMS_HOSPITAL_TLS_CERTIFICATE: await file("certificate.pem", "no certificate"),
      SIPHMS_HOSPITAL_TLS_KEY: key,
    });
    expect(ended).toMatchObject({ code: 2, signal: null, out: "" });
    expect(ended.told).toContain(`chmod 600 ${key}`);
  });

  it("says that a database elsewhere would be reached in clear, and ends (SR-40) [HS-312e1]", async () => {
    const ended = await serveToTheEnd({
      DATABASE_URL: "postgres://service:hunter2@db.example/siphms?sslmode=disable",
    });
    expect(ended).toMatchObject({ code: 2, signal: null, out: "" });
    expect(ended.told).toContain("sslmode=disable");
    expect(ended.told).not.toContain("hunter2");
  });

  it.each(["SIPHMS_HOSPITAL_PORT", "SIPHMS_HOSPITAL_APP_PORT"])(
    "ends its connections too when another program has the port of %s",
    async (variable) => {
      const ended = await serveToTheEnd({ [variable]: portOf(busy) });
      expect(ended).toMatchObject({ code: 2, signal: null, out: "" });
      expect(ended.told).toContain(`already listens on port ${portOf(busy)}`);
    },
  );
});

describe("a hospital that is stopped", () => {
  it("writes the refusals that it has only counted", async () => {
    child = spawn(process.execPath, [MAIN], {
      env: environment,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const exit = once(child, "exit");
    if (child.stdout === null) throw new Error("no pipe");
    // It says in a line that it is ready.
    await once(child.stdout, "data");
    const origin = `http://localhost:${environment["SIPHMS_HOSPITAL_PORT"] ?? ""}`;
    for (let count = 0; count < 3; count += 1) {
      const answer = await fetch(`${origin}/api/staff`);
      expect(answer.status).toBe(401);
    }
    child.kill("SIGTERM");
    await exit;
    const database = new pg.Client({ connectionString: test.adminUrl });
    await database.connect();
    const { rows } = await database.query(
      "SELECT event FROM audit_events WHERE event = 'access.refused'",
    );
    await database.end();
    // The first is written at once and the two after it only counted, so without the last entry they are lost.
    expect(rows).toHaveLength(2);
  });
});
