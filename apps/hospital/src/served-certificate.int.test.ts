import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, type ConnectionOptions } from "node:tls";
import { silentLogger as log, type StopStep } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sweepTls } from "./check/sweep-tls.ts";
import { createServer } from "./http/index.ts";
import { createCertificateWatch, type CertificateWatch } from "./served-certificate.ts";
import { readTlsFiles } from "./served-files.ts";
import { loadHospitalSettings } from "./settings.ts";
import { surroundingsOf } from "./surroundings.ts";

const OPENSSL = "openssl";
const hasOpenssl = spawnSync(OPENSSL, ["version"]).status === 0;
const why = hasOpenssl ? "" : " (skipped: openssl is not on this machine)";
const DAY = 86_400_000;

let folder: string;
let server: FastifyInstance;
let watch: CertificateWatch;
/** What the program's end would stop. */
const stops: StopStep[] = [];

const at = (name: string): string => path.join(folder, name);
const settings = () =>
  loadHospitalSettings({
    DATABASE_URL: "postgres://service@localhost/siphms",
    SIPHMS_HOSPITAL_TLS_CERTIFICATE: at("tls.pem"),
    SIPHMS_HOSPITAL_TLS_KEY: at("tls.key"),
  });

/** Makes a pair that is good for localhost. */
function make(name: string, days: number): void {
  const files = ["-nodes", "-keyout", at(`${name}.key`), "-out", at(`${name}.pem`)];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", String(days)];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost"];
  execFileSync(OPENSSL, ["req", "-x509", ...kind, ...files, ...names], { stdio: "ignore" });
}

/** Puts certificate and key where the settings look. */
async function put(certificate: string, key: string): Promise<void> {
  await copyFile(at(`${certificate}.pem`), at("tls.pem"));
  await copyFile(at(`${key}.key`), at("tls.key"));
  await chmod(at("tls.key"), 0o600);
}

/** Whose certificate a new connection is shown. */
async function shown(more: ConnectionOptions = {}): Promise<string> {
  const { port } = server.server.address() as AddressInfo;
  const how = { host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false };
  const socket = connect({ ...how, ...more });
  try {
    await once(socket, "secureConnect");
    return new X509Certificate(socket.getPeerCertificate().raw).subject;
  } finally {
    socket.destroy();
  }
}

/** What `siphms check` finds of the certificate, by the first words; at another time, if asked. */
const findings = (inMs = 0): readonly string[] =>
  sweepTls({
    ...{ settings: settings(), surroundings: surroundingsOf(settings()), certificate: watch },
    clock: { now: () => Date.now() + inMs },
  }).findings.map(({ detail }) => detail.split(" ").slice(0, 3).join(" "));

describe.skipIf(!hasOpenssl)(`a certificate that is renewed on the disk (SR-40)${why}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "served-"));
    make("first", 30);
    make("second", 400);
  });
  afterAll(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    await put("first", "first");
    const tls = await readTlsFiles(settings());
    server = createServer({ log, tls });
    await server.listen({ host: "localhost", port: 0 });
    watch = createCertificateWatch({ settings: settings(), log, start: tls });
    const onStop = (part: StopStep): void => void stops.push(part);
    watch.start([server], { onStop });
  });
  afterEach(async () => {
    for (const { stop } of stops.splice(0)) await stop();
    await server.close();
  });

  it("is served without a restart, to who says a name and to who says none, and under the same rules [HS-312e1]", async () => {
    expect(await shown()).toBe("CN=first");
    await put("second", "second");
    expect(await shown()).toBe("CN=first");
    await watch.look();
    expect(await shown()).toBe("CN=second");
    expect(await shown({ servername: "" })).toBe("CN=second");
    const weak = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES256-SHA384" } as const;
    await expect(shown(weak)).rejects.toThrow();
    await expect(shown({ ...weak, servername: "" })).rejects.toThrow();
    expect(findings()).toEqual([]);
  });

  it("is served on the second loopback address too", async ({ skip }) => {
    const second = server.addresses().at(1);
    if (typeof second !== "object") return skip("localhost has one address here");
    await put("second", "second");
    await watch.look();
    expect(await shown({ host: second.address })).toBe("CN=second");
  });

  it.each<[string, () => Promise<void>]>([
    ["has another one's key", () => put("second", "first")],
    ["is none", () => writeFile(at("tls.pem"), "-----BEGIN CERTIFICATE-----")],
    ["is gone", () => rm(at("tls.pem"))],
    [
      "has a key that others can read",
      () => put("second", "second").then(() => chmod(at("tls.key"), 0o644)),
    ],
  ])(
    "leaves the one before where it %s, which siphms check finds until it is mended [HS-312e1]",
    async (_what, spoil) => {
      await spoil();
      expect(findings()).toEqual([]);
      await watch.look();
      await watch.look();
      expect(await shown()).toBe("CN=first");
      expect(findings()).toEqual(["cannot be served"]);
      await put("second", "second");
      await watch.look();
      expect([await shown(), findings()]).toEqual(["CN=second", []]);
    },
  );

  it("does not make siphms check content while browsers are shown the old one", async () => {
    await put("second", "second");
    expect(findings(29 * DAY)).toEqual(["the certificate ends"]);
    expect(findings(31 * DAY)).toEqual(["the certificate has"]);
    await watch.look();
    expect(findings(31 * DAY)).toEqual([]);
  });
});
