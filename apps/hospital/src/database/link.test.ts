import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, TLSSocket } from "node:tls";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectionOptions, databaseLink, unreachable } from "./link.ts";

describe("how a database is reached", () => {
  it.each([
    ["postgres://service:pw@localhost/siphms", "local"],
    ["postgres://service:pw@127.0.0.1:5432/siphms", "local"],
    ["postgres://service:pw@[::1]/siphms", "local"],
    ["postgresql://service:pw@localhost/siphms?host=%2Fvar%2Frun%2Fpostgresql", "local"],
    ["postgresql:///siphms", "local"],
    ["postgres://service:pw@localhost/siphms?host=db.example", "tls"],
    ["postgres://service:pw@db.example/siphms", "tls"],
    ["postgres://service:pw@localhost.example/siphms", "tls"],
    ["postgres://service:pw@10.0.0.7/siphms", "tls"],
    ["postgres://service:pw@db.example/siphms?sslmode=prefer", "tls"],
    ["postgres://service:pw@db.example/siphms?sslmode=no-verify", "tls"],
    ["postgres://service:pw@db.example/siphms?sslmode=disable", "unsafe-plain"],
    ["postgres://service:pw@localhost/siphms?sslmode=disable", "local"],
  ])("%s: %s (SR-40) [HS-312e1]", (address, link) => {
    expect(databaseLink(address)).toBe(link);
  });

  it("leaves an address on this machine as it is", () => {
    const address = "postgresql://service:pw@localhost/siphms?host=%2Frun%2Fpg";
    expect(connectionOptions(address)).toEqual({ connectionString: address });
  });

  it("takes out of an address what would make TLS weaker", () => {
    const { connectionString, ssl } = connectionOptions(
      "postgres://u:p@db.example/x?sslmode=no-verify&ssl=0&application_name=a",
    );
    expect(connectionString).toBe("postgres://u:p@db.example/x?application_name=a");
    expect(ssl).toMatchObject({ minVersion: "TLSv1.2", rejectUnauthorized: true });
  });

  it("names a file that cannot be read", () => {
    const address = "postgres://u:secret@db.example/x?sslrootcert=/nowhere/ca.pem";
    expect(() => connectionOptions(address)).toThrow(
      expect.objectContaining({
        code: "DATABASE_UNREACHABLE",
        message: expect.not.stringContaining("secret") as string,
      }),
    );
  });
});

const OPENSSL = "openssl";
const hasOpenssl = spawnSync(OPENSSL, ["version"]).status === 0;
/** An address of this machine that is not loopback: only there TLS is asked for. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.internal === false && one.family === "IPv4")?.address;
const isHere = hasOpenssl && outside !== undefined;
const why = isHere ? "" : " (skipped: needs openssl and an address that is not loopback)";
/** What a PostgreSQL client says first, when it wants TLS. */
const SSL_REQUEST = Buffer.from("0000000804d2162f", "hex");

describe.skipIf(!isHere)(`a connection to a database elsewhere${why}`, () => {
  let folder: string;
  let server: Server;
  let port: number;
  let answer: "N" | "S";
  let authority: string;
  /** What came in clear, and what came after the handshake. */
  let heard: { clear: Buffer; sealed: Buffer };

  /** The beginning of PostgreSQL's protocol; a login never succeeds. */
  const serve = (socket: Socket): void => {
    socket.on("error", () => undefined);
    socket.once("data", (first: Buffer) => {
      heard.clear = Buffer.concat([heard.clear, first]);
      socket.write(answer);
      if (answer === "N") {
        socket.on("data", (more: Buffer) => (heard.clear = Buffer.concat([heard.clear, more])));
        return;
      }
      const secureContext = createSecureContext({
        cert: readFileSync(join(folder, "cert.pem")),
        key: readFileSync(join(folder, "key.pem")),
      });
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on("error", () => undefined);
      secure.on("data", (data: Buffer) => {
        heard.sealed = Buffer.concat([heard.sealed, data]);
        secure.destroy();
      });
    });
  };
  const connect = async (more = ""): Promise<unknown> => {
    const address = `postgres://service:hunter2@${outside ?? ""}:${String(port)}/siphms?sslmode=require${more}`;
    const client = new pg.Client(connectionOptions(address));
    client.on("error", () => undefined);
    return client.connect().then(
      () => undefined,
      (error: unknown) => unreachable(error),
    );
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "database-link-"));
    authority = join(folder, "cert.pem");
    const files = ["-nodes", "-keyout", join(folder, "key.pem"), "-out", authority];
    const names = ["-subj", "/CN=database", "-addext", `subjectAltName=IP:${outside ?? ""}`];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    execFileSync(OPENSSL, ["req", "-x509", ...kind, ...files, ...names], { stdio: "ignore" });
    const other = [
      "-nodes",
      "-keyout",
      join(folder, "other.key"),
      "-out",
      join(folder, "other.pem"),
    ];
    execFileSync(OPENSSL, ["req", "-x509", ...kind, ...other, "-subj", "/CN=other"], {
      stdio: "ignore",
    });
    server = createServer(serve).listen(0, outside);
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  beforeEach(() => {
    answer = "S";
    heard = { clear: Buffer.alloc(0), sealed: Buffer.alloc(0) };
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("asks for TLS before it says anything else (SR-40) [HS-312e1]", async () => {
    await connect(`&sslrootcert=${encodeURIComponent(authority)}`);
    expect(heard.clear.equals(SSL_REQUEST)).toBe(true);
    expect(heard.sealed.includes("service")).toBe(true);
  });

  it.each([
    ["that speaks no TLS", "", "N", "speaks no TLS"],
    ["whose certificate nobody vouches for", "", "S", "certificate is not good"],
    ["that another authority vouches for", "other", "S", "certificate is not good"],
  ] as const)("says nothing to a server %s (SR-40) [HS-312e1]", async (_what, ca, says, words) => {
    answer = says;
    const file = encodeURIComponent(join(folder, `${ca}.pem`));
    const failure = await connect(ca === "" ? "" : `&sslrootcert=${file}`);
    expect(failure).toMatchObject({ code: "DATABASE_UNREACHABLE" });
    expect(String(failure)).toContain(words);
    expect(heard.clear.equals(SSL_REQUEST)).toBe(true);
    expect(heard.sealed).toHaveLength(0);
  });
});
