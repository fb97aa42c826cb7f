import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type ConnectionOptions } from "node:tls";
import { silentLogger } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer } from "./index.ts";

const OPENSSL = "openssl";
const hasOpenssl = spawnSync(OPENSSL, ["version"]).status === 0;
const why = hasOpenssl ? "" : " (skipped: openssl is not on this machine)";

describe.skipIf(!hasOpenssl)(`console and patient app by TLS (SR-40)${why}`, () => {
  let folder: string;
  let ca: Buffer;
  let server: FastifyInstance;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "hospital-tls-"));
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert];
    execFileSync(OPENSSL, ["req", "-x509", ...files, ...names], { stdio: "ignore" });
    ca = readFileSync(cert);
    server = createServer({ log: silentLogger, tls: { cert: ca, key: readFileSync(key) } });
    await server.listen({ host: "127.0.0.1", port: 0 });
    port = (server.server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const agreed = async (offer: ConnectionOptions): Promise<string | null> => {
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca, ...offer });
    try {
      await once(socket, "secureConnect");
      return socket.getProtocol();
    } finally {
      socket.destroy();
    }
  };

  it("take TLS 1.3, and 1.2 with forward secrecy [HS-312e2ii]", async () => {
    expect(await agreed({})).toBe("TLSv1.3");
    const ciphers = "ECDHE-RSA-AES256-GCM-SHA384";
    expect(await agreed({ maxVersion: "TLSv1.2", ciphers })).toBe("TLSv1.2");
  });

  it.each([
    ["TLS 1.1", { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" }],
    ["no forward secrecy", { maxVersion: "TLSv1.2", ciphers: "AES256-GCM-SHA384" }],
    ["a block cipher in CBC mode", { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES256-SHA384" }],
  ] as const)("refuse %s [HS-312e2ii]", async (_what, offer) => {
    await expect(agreed(offer)).rejects.toThrow();
  });

  it("refuse plain http [HS-312e1]", async () => {
    await expect(fetch(`http://127.0.0.1:${String(port)}/`)).rejects.toThrow();
  });
});
