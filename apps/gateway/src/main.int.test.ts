import type { EnvelopeFrame } from "@siphms/relay";
import { resolveSocket } from "@siphms/server-kit";
import { createVerifierKey, encodeNote, encodeVerifierKey, parseVerifierKey } from "@siphms/tlog";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { Agent, request as secureRequest } from "node:https";
import { execFileSync, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createFakeHospital,
  openUplink,
  randomSid,
  type FakeHospital,
  type FakeUplink,
} from "./testing/fake-hospital.ts";
import {
  endProcess,
  runGateway,
  startGatewayProcess,
  type GatewayProcess,
  type ProcessOptions,
} from "./testing/gateway-process.ts";
import { problemOf, sessionOf, text } from "./testing/test-gateway.ts";
import { createFakeLog } from "./testing/fake-log.ts";
import { eventually } from "./testing/eventually.ts";

// Makes the test's certificate; where it is not installed that test is skipped by name.
const OPENSSL = "openssl";

let folder: string;
let environment: Record<string, string>;
let running: GatewayProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "siphms-gateway-process-"));
  running = [];
  environment = {
    SIPHMS_GATEWAY_PORT: "0",
    SIPHMS_GATEWAY_DATA: join(folder, "gateway"),
    SIPHMS_GATEWAY_RUN: join(folder, "run"),
    SIPHMS_GATEWAY_RESERVE_MEBIBYTES: "0",
    SIPHMS_GATEWAY_LOG: "debug",
    SIPHMS_GATEWAY_MAX_CONNECTIONS: "100",
  };
});

afterEach(async () => {
  for (const { child } of running) {
    if (child.exitCode === null && child.signalCode === null) await endProcess(child, "SIGKILL");
  }
  rmSync(folder, { recursive: true, force: true });
});

async function start(limits: Omit<ProcessOptions, "environment"> = {}): Promise<GatewayProcess> {
  const one = await startGatewayProcess({ environment, ...limits });
  running.push(one);
  return one;
}

const run = (...words: readonly string[]) => runGateway(words, { environment });

/** A hospital for a gateway whose address is known only when it runs. */
async function admitted(url: () => string): Promise<FakeHospital> {
  const hospital = await createFakeHospital({ gatewayUrl: url, now: () => Date.now() });
  const file = join(folder, "registration.json");
  writeFileSync(file, JSON.stringify(hospital.registration));
  expect(await run("admit", file)).toMatchObject({
    code: 0,
    stdout: '{"admitted":"test-hospital"}\n',
  });
  return hospital;
}

/** Lets the port that the system chose stay the same across a restart. */
function keepPort(url: string): void {
  environment["SIPHMS_GATEWAY_PORT"] = new URL(url).port;
}

function operator(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socketPath = resolveSocket(join(folder, "run", "gateway.sock"));
    const asking = request({ socketPath, path }, (response) => {
      let body = "";
      response.on("data", (data: Buffer) => (body += data.toString()));
      response.on("end", () => {
        resolve(body);
      });
    });
    asking.on("error", reject);
    asking.end();
  });
}

describe("a gateway in a process of its own", () => {
  it("says when it is ready, serves, shows its metrics to the operator, and ends cleanly at SIGTERM", async () => {
    const { child, url, stderr } = await start();
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
    expect(await operator("/health")).toBe('{"ok":true,"failing":[]}');
    expect(await operator("/metrics")).toContain("siphms_gateway_uplinks 0");
    const modes = ["gateway", "run"].map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700]);
    expect(await endProcess(child, "SIGTERM")).toBe(0);
    const lines = stderr().trim().split("\n");
    const events = lines.map((line) => (JSON.parse(line) as { event: unknown }).event);
    expect(events).toEqual(["ready", "stopping", "stopped"]);
  });

  it("serves newcomers while another address opens more connections than it may have files", async () => {
    environment["SIPHMS_GATEWAY_MAX_CONNECTIONS"] = "20000";
    const maxOpenFiles = 400;
    const { port, url, stderr } = await start({ maxOpenFiles });
    const flood = Array.from({ length: maxOpenFiles + 50 }, () =>
      connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" }).on("error", () => undefined),
    );
    await eventually(() => flood.filter(({ connecting }) => connecting).length).toBe(0);
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
    expect(await operator("/health")).toBe('{"ok":true,"failing":[]}');
    expect(stderr()).toContain('"event":"fewer connections than are set');
    for (const socket of flood) socket.destroy();
  });

  it("answers who waits before it ends", async () => {
    const { child, url } = await start();
    const hospital = await admitted(() => url);
    const sid = randomSid();
    const session = sessionOf(url, sid, await hospital.pass(sid));
    const waiting = session.post("x", { waitSeconds: 30 });
    await eventually(() => operator("/metrics")).toContain("siphms_gateway_waiting_posts 1");
    const ended = endProcess(child, "SIGTERM");
    expect([(await waiting).status, await ended]).toEqual([202, 0]);
  });

  it("ends when its parent has gone", async () => {
    const { child } = await start();
    // "close" does not come after a disconnect; "exit" does.
    const ended = once(child, "exit");
    child.disconnect();
    expect((await ended)[0]).toBe(0);
  });

  it("refuses to serve a data folder that another one serves, and leaves that one alone", async () => {
    const { url } = await start();
    const second = await run();
    expect([second.code, second.stdout]).toEqual([2, ""]);
    expect(second.stderr).toContain("Another process already listens on");
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
  });

  it.skipIf(!hasOpenssl())(
    "speaks TLS with its own files, sets HSTS, and refuses plain http, weak ciphers and an open key file (SR-36, SR-40) [HS-312e1, HS-312e2ii]",
    async () => {
      const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
      const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
      const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
      const files = ["-nodes", "-keyout", key, "-out", cert];
      execFileSync(OPENSSL, ["req", "-x509", ...curve, ...files, ...names], { stdio: "ignore" });
      Object.assign(environment, {
        SIPHMS_GATEWAY_TLS_CERT: cert,
        SIPHMS_GATEWAY_TLS_KEY: key,
        SIPHMS_GATEWAY_URL: "https://127.0.0.1:8443",
      });
      const { port } = await start();
      const agent = new Agent({ ca: readFileSync(cert) });
      const asking = secureRequest({ host: "127.0.0.1", port, path: "/v1/health", agent });
      asking.end();
      const [answer] = (await once(asking, "response")) as [IncomingMessage];
      const { statusCode, headers } = answer.resume();
      expect([statusCode, headers["strict-transport-security"]]).toEqual([
        200,
        "max-age=63072000; includeSubDomains",
      ]);
      agent.destroy();
      await expect(fetch(`http://127.0.0.1:${String(port)}/v1/health`)).rejects.toThrow();
      // Nothing without forward secrecy and authenticated encryption.
      for (const ciphers of ["ECDHE-ECDSA-AES256-SHA384", "AES256-GCM-SHA384"]) {
        const weak = { host: "127.0.0.1", port, ca: readFileSync(cert), ciphers };
        const socket = connectTls({ ...weak, maxVersion: "TLSv1.2" });
        await expect(once(socket, "secureConnect")).rejects.toThrow();
        socket.destroy();
      }
      chmodSync(key, 0o644);
      expect((await run()).stderr).toContain(`chmod 600 ${key}`);
    },
  );
});

describe("gateway admit, expel and list", () => {
  it("act on a running gateway at once", async () => {
    const { url } = await start();
    const hospital = await admitted(() => url);
    expect((await run("list")).stdout).toBe(
      '{"id":"test-hospital","name":"Test Hospital","appOrigin":"https://test-hospital.example"}\n',
    );
    const uplink = await openUplink(url, await hospital.uplinkToken());
    const sid = randomSid();
    const session = sessionOf(url, sid, await hospital.pass(sid));
    expect((await session.post("x")).status).toBe(202);
    expect(await run("expel", "test-hospital")).toMatchObject({ code: 0 });
    expect(await problemOf(await session.post("x"))).toEqual([401, "pass-invalid"]);
    expect(await uplink.closed).toBe(4002);
    expect((await run("list")).stdout).toBe("");
  });

  it("work without a running gateway", async () => {
    await admitted(() => "http://127.0.0.1:1");
    expect((await run("list")).stdout).toContain("test-hospital");
  });

  it.each([
    ["no JSON", "{", "the file is not JSON"],
    ["another object", "{}", "the file lacks id"],
  ])("refuse a registration that is %s", async (_what, content, why) => {
    const file = join(folder, "bad.json");
    writeFileSync(file, content);
    const { code, stderr } = await run("admit", file);
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
  });

  it("refuse a registration whose key is no point of the curve, and a file that is not there", async () => {
    const hospital = await createFakeHospital({ gatewayUrl: () => "", now: () => Date.now() });
    const passKey = { ...hospital.registration.passKey, y: "A".repeat(43) };
    const file = join(folder, "bad.json");
    writeFileSync(file, JSON.stringify({ ...hospital.registration, passKey }));
    expect((await run("admit", file)).code).toBe(1);
    expect((await run("admit", join(folder, "nothing.json"))).code).toBe(1);
    expect((await run("list")).stdout).toBe("");
  });

  it("say so when there is no such hospital", async () => {
    const { code, stderr } = await run("expel", "nobody");
    expect([code, stderr]).toEqual([1, expect.stringContaining("nobody")]);
  });
});

describe("the witness of a gateway in a process of its own", () => {
  const ORIGIN = "siphms/test-hospital/audit/1";

  it("shows its key before the first start, cosigns with it, and shows what it cosigned last (SR-60)", async () => {
    const before = await run("witness");
    const { key } = JSON.parse(before.stdout) as { key: string };
    const { url } = await start();
    const hospital = await admitted(() => url);
    const log = createFakeLog(ORIGIN);
    const file = join(folder, "with-log.json");
    writeFileSync(file, JSON.stringify({ ...hospital.registration, logKeys: [log.key] }));
    expect(await run("admit", file)).toMatchObject({ code: 0 });
    const body = await log.request(0, 5);
    const answer = await fetch(`${url}/witness/add-checkpoint`, { method: "POST", body });
    const name = parseVerifierKey(key).name;
    expect([answer.status, await answer.text()]).toEqual([
      200,
      expect.stringMatching(new RegExp(`^— ${name} `)),
    ]);
    const [first, last] = (await run("witness")).stdout.split("\n");
    expect([`${first ?? ""}\n`, JSON.parse(last ?? "")]).toEqual([
      before.stdout,
      { origin: ORIGIN, checkpoint: Buffer.from(encodeNote(await log.checkpoint(5))).toString() },
    ]);
  });

  it.each([
    ["of a witness", createVerifierKey("cosignature", ORIGIN, new Uint8Array(32))],
    ["whose id is not its own", { ...createFakeLog(ORIGIN).signer.key, keyId: 7 }],
  ])("admits no hospital with a log key %s", async (_what, key) => {
    const hospital = await createFakeHospital({ gatewayUrl: () => "", now: () => Date.now() });
    const file = join(folder, "wrong.json");
    const logKeys = [encodeVerifierKey(key)];
    writeFileSync(file, JSON.stringify({ ...hospital.registration, logKeys }));
    const { code, stderr } = await run("admit", file);
    expect([code, stderr.includes("is not a registration")]).toEqual([1, true]);
    expect(await run("list")).toMatchObject({ stdout: "" });
  });
});

describe("wrong use", () => {
  it.each([["unknown"], ["admit", "a", "b"]])(
    "of words is answered with the usage and exit code 2: %s %s",
    async (...words) => {
      const { code, stdout, stderr } = await run(
        ...words.filter((word) => typeof word === "string"),
      );
      expect([code, stdout, stderr.startsWith("Usage:")]).toEqual([2, "", true]);
    },
  );

  it("of settings is answered with what to do and exit code 2", async () => {
    environment["SIPHMS_GATEWAY_PROT"] = "1";
    environment["SIPHMS_GATEWAY_MAX_CONNECTIONS"] = "many";
    const { code, stderr } = await run();
    expect(code).toBe(2);
    expect(stderr).toContain("SIPHMS_GATEWAY_PROT is not a setting of this program");
    expect(stderr).toContain("SIPHMS_GATEWAY_MAX_CONNECTIONS must be a whole number from 10");
  });

  it("of a port that is taken is answered with what to do and exit code 2", async () => {
    const { url } = await start();
    keepPort(url);
    environment["SIPHMS_GATEWAY_DATA"] = join(folder, "other");
    environment["SIPHMS_GATEWAY_RUN"] = join(folder, "other-run");
    const { code, stderr } = await run();
    expect([code, stderr]).toEqual([2, expect.stringContaining("set SIPHMS_GATEWAY_PORT")]);
  });

  it("is helped by --help and by an explanation of every setting", async () => {
    expect(await run("--help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Usage:") as unknown,
    });
    const { code, stdout } = await run("settings");
    const variables = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { variable: string }).variable);
    expect([code, variables.includes("SIPHMS_GATEWAY_URL"), variables.length > 10]).toEqual([
      0,
      true,
      true,
    ]);
  });
});

describe("a gateway that is killed in the middle of its work", () => {
  it("has every envelope that it acknowledged, in order, and gives none away twice to the mailbox", async () => {
    let gateway = await start();
    keepPort(gateway.url);
    const hospital = await admitted(() => gateway.url);
    const sessions = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const sid = randomSid();
        return sessionOf(gateway.url, sid, await hospital.pass(sid, { limit: 6000 }));
      }),
    );
    const acknowledged = sessions.map((): string[] => []);
    for (let round = 0; round < 3; round += 1) {
      const killAt = 40 + round * 25;
      let sent = 0;
      await Promise.all(
        sessions.map(async (session, at) => {
          for (let count = 0; ; count += 1) {
            const body = `${String(round)}-${String(count).padStart(4, "0")}`;
            const answer = await session.post(body).catch(() => undefined);
            if (answer === undefined) return;
            if (answer.status === 202) acknowledged[at]!.push(body);
            sent += 1;
            if (sent === killAt) gateway.child.kill("SIGKILL");
          }
        }),
      );
      gateway = await start();
    }
    expect(acknowledged.flat().length).toBeGreaterThan(150);
    const uplink = await openUplink(gateway.url, await hospital.uplinkToken());
    uplink.send({ type: "credit", count: 60_000 });
    const seen = await collectAll(uplink, acknowledged.flat().length);
    sessions.forEach((session, at) => {
      const mine = seen
        .filter((frame) => Buffer.compare(frame.sid, session.sid) === 0)
        .map((frame) => text(frame.body));
      // One that was written and not acknowledged may be there too: the device sends it again and the hospital knows it.
      expect(mine.filter((body) => acknowledged[at]!.includes(body))).toEqual(acknowledged[at]);
      expect(new Set(mine).size).toBe(mine.length);
    });
  });
});

describe("a gateway whose disk is full", () => {
  it("answers 507 and never 202, says so in its health, and takes envelopes again when there is room", async () => {
    let gateway = await start({ maxFileKibibytes: 2048 });
    keepPort(gateway.url);
    const hospital = await admitted(() => gateway.url);
    const sid = randomSid();
    const session = sessionOf(gateway.url, sid, await hospital.pass(sid, { limit: 6000 }));
    const statuses: number[] = [];
    while (statuses.at(-1) !== 507 && statuses.length < 100) {
      statuses.push((await session.post(new Uint8Array(60_000).fill(statuses.length))).status);
    }
    const stored = statuses.filter((status) => status === 202).length;
    expect([stored > 5, statuses.at(-1)]).toEqual([true, 507]);
    expect((await fetch(`${gateway.url}/v1/health`)).status).toBe(503);
    expect(await endProcess(gateway.child, "SIGTERM")).toBe(0);
    gateway = await start();
    expect((await session.post("small")).status).toBe(202);
    const uplink = await openUplink(gateway.url, await hospital.uplinkToken());
    uplink.send({ type: "credit", count: 1000 });
    const seen = await collectAll(uplink, stored + 1);
    expect(seen.map((frame) => frame.body.length)).toEqual([
      ...Array<number>(stored).fill(60_000),
      5,
    ]);
  });
});

/** Takes at least `least` envelopes, and whatever else was on its way with them. */
async function collectAll(uplink: FakeUplink, least: number): Promise<readonly EnvelopeFrame[]> {
  const seen: EnvelopeFrame[] = [];
  while (seen.length < least) seen.push(await uplink.next("envelope"));
  const answered = once(uplink.socket, "pong");
  uplink.socket.ping();
  await answered;
  while (uplink.waiting.length > 0) seen.push(await uplink.next("envelope"));
  return seen;
}

function hasOpenssl(): boolean {
  return spawnSync(OPENSSL, ["version"]).status === 0;
}
