import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls, { connect, createServer, type ConnectionOptions, type Server } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "./program.ts";
import { TLS_RULES } from "./tls.ts";

const OPENSSL = "openssl";
const hasOpenssl = spawnSync(OPENSSL, ["version"]).status === 0;
const why = hasOpenssl ? "" : " (skipped: openssl is not on this machine)";

let folder: string;
let cert: Buffer;
/** Takes whatever Node.js can be brought to take. */
let weak: Server;
let strict: Server;

beforeAll(async () => {
  if (!hasOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), "tls-rules-"));
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const files = ["-nodes", "-keyout", keyFile, "-out", certFile];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync(OPENSSL, ["req", "-x509", "-newkey", "rsa:2048", ...files, ...names], {
    stdio: "ignore",
  });
  cert = readFileSync(certFile);
  const key = readFileSync(keyFile);
  strict = createServer({ cert, key, ...TLS_RULES }).listen(0, "127.0.0.1");
  weak = createServer({ cert, key, minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" });
  weak.listen(0, "127.0.0.1");
  for (const server of [strict, weak]) {
    // A refused handshake is what is looked for.
    server.on("tlsClientError", () => undefined);
    server.on("secureConnection", (socket) => socket.on("error", () => undefined));
    if (!server.listening) await once(server, "listening");
  }
});
afterAll(() => {
  if (!hasOpenssl) return;
  strict.close();
  weak.close();
  rmSync(folder, { recursive: true });
});

/** Connects, and says what was agreed on. */
async function agreed(server: Server, more: ConnectionOptions): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: cert, ...more });
  try {
    await once(socket, "secureConnect");
    return `${String(socket.getProtocol())} ${socket.getCipher().name}`;
  } finally {
    socket.destroy();
  }
}

describe.skipIf(!hasOpenssl)(`a listener with the rules for TLS (SR-40)${why}`, () => {
  it("agrees on TLS 1.3 with whoever knows it [HS-312e2ii]", async () => {
    expect(await agreed(strict, {})).toBe("TLSv1.3 TLS_AES_256_GCM_SHA384");
  });

  it.each(["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"])(
    "agrees on TLS 1.2 with %s [HS-312e2ii]",
    async (ciphers) => {
      expect(await agreed(strict, { maxVersion: "TLSv1.2", ciphers })).toBe(`TLSv1.2 ${ciphers}`);
    },
  );

  it.each([
    ["TLS 1.0", { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" }],
    ["TLS 1.1", { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" }],
    ["no forward secrecy", { maxVersion: "TLSv1.2", ciphers: "AES256-GCM-SHA384" }],
    ["a block cipher in CBC mode", { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES256-SHA384" }],
    ["SHA-1", { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-SHA" }],
  ] as const)(
    "refuses %s, which another listener here would take [HS-312e2ii]",
    async (_what, offer) => {
      await expect(agreed(strict, offer)).rejects.toThrow();
      expect(await agreed(weak, offer)).toMatch(/^TLSv1/);
    },
  );

  it("refuses whoever speaks to it in clear [HS-312e1]", async () => {
    const { port } = strict.address() as AddressInfo;
    await expect(fetch(`http://127.0.0.1:${String(port)}/`)).rejects.toThrow();
  });
});

describe.skipIf(!hasOpenssl)(`a connection with the rules for TLS (SR-40)${why}`, () => {
  it("goes to a server of the same rules", async () => {
    expect(await agreed(strict, TLS_RULES)).toMatch(/^TLSv1\.3 /);
  });

  it.each([
    ["an older version", { minVersion: "TLSv1", maxVersion: "TLSv1.1" }],
    ["no forward secrecy", { maxVersion: "TLSv1.2", ciphers: "AES256-GCM-SHA384" }],
  ] as const)("does not go to a server with %s [HS-312e2ii]", async (_what, rules) => {
    const key = readFileSync(join(folder, "key.pem"));
    const server = createServer({ cert, key, ciphers: "ALL:@SECLEVEL=0", ...rules });
    server.on("tlsClientError", () => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await expect(agreed(server, TLS_RULES)).rejects.toThrow();
    } finally {
      server.close();
    }
  });

  it("does not go to a server whose certificate nobody vouches for, nor to one of another name [HS-312e1]", async () => {
    await expect(agreed(strict, { ...TLS_RULES, ca: [] })).rejects.toThrow(/self.signed/);
    await expect(agreed(strict, { ...TLS_RULES, servername: "other" })).rejects.toThrow(/altnames/);
  });
});

describe("a program", () => {
  it("keeps to the rules where a connection names none of its own (SR-40) [HS-312e2ii]", async () => {
    const before = [tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION, tls.DEFAULT_CIPHERS] as const;
    try {
      tls.DEFAULT_MIN_VERSION = "TLSv1";
      await runProgram({ name: "test", run: () => Promise.resolve(0) });
      const { minVersion, maxVersion, ciphers } = TLS_RULES;
      expect([tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION, tls.DEFAULT_CIPHERS]).toEqual([
        ...[minVersion, maxVersion, ciphers],
      ]);
    } finally {
      [tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION, tls.DEFAULT_CIPHERS] = before;
    }
  });
});
