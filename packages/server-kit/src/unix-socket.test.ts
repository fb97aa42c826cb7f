import {
  createHealth,
  createMetrics,
  ensurePrivateFolder,
  listenOnSocket,
  MAX_SOCKET_PATH_BYTES,
  resolveSocket,
  serveOperations,
  ServerKitError,
  silentLogger,
} from "@siphms/server-kit";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
let servers: Server[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "siphms-socket-"));
  servers = [];
});

afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  rmSync(folder, { recursive: true, force: true });
});

function server(): Server {
  const one = createServer((connection) => {
    // Somebody who only looks whether we live goes away without listening.
    connection.on("error", () => undefined);
    connection.end("hello");
  });
  servers.push(one);
  return one;
}

function hear(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(resolveSocket(path));
    connection.once("data", (data) => {
      resolve(data.toString());
    });
    connection.once("error", reject);
  });
}

async function code(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "done";
  } catch (error) {
    return error instanceof ServerKitError ? error.code : String(error);
  }
}

const mode = (path: string): number => statSync(path).mode & 0o777;

describe("a Unix socket", () => {
  it("lies where it was asked for, in a private folder, closed to others", async () => {
    const path = join(folder, "run", "a.sock");
    await listenOnSocket(server(), path);
    expect(await hear(path)).toBe("hello");
    expect([mode(dirname(path)), mode(path)]).toEqual([0o700, 0o600]);
  });

  it("goes to a short private folder when its path is over 100 bytes, and is found from there", async () => {
    const path = join(folder, "x".repeat(MAX_SOCKET_PATH_BYTES), "a.sock");
    const socket = await listenOnSocket(server(), path);
    const place = socket.path;
    expect(Buffer.byteLength(place)).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES);
    expect([await hear(path), mode(dirname(place))]).toEqual(["hello", 0o700]);
    socket.remove();
    expect([existsSync(place), existsSync(dirname(place)), existsSync(`${path}.at`)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("takes the place of one whose process is dead", async () => {
    const path = join(folder, "a.sock");
    const left = join(folder, "left.sock");
    const killed = createServer();
    await listenOnSocket(killed, path);
    // Under another name the file stays when its server ends, as it does when a process is killed.
    renameSync(path, left);
    await new Promise((done) => killed.close(done));
    expect(existsSync(left)).toBe(true);
    await listenOnSocket(server(), left);
    expect(await hear(left)).toBe("hello");
  });

  it("is refused where a living process listens", async () => {
    const path = join(folder, "a.sock");
    await listenOnSocket(server(), path);
    expect(await code(() => listenOnSocket(server(), path))).toBe("SOCKET_IN_USE");
    expect(await hear(path)).toBe("hello");
  });

  it("is refused where a file stands, and the file stays", async () => {
    const path = join(folder, "a.sock");
    writeFileSync(path, "precious");
    expect([await code(() => listenOnSocket(server(), path)), existsSync(path)]).toEqual([
      "SOCKET_UNSAFE",
      true,
    ]);
  });

  it("is not looked for behind a pointer that is no file of this user", () => {
    const path = join(folder, "a.sock");
    symlinkSync("/etc/hostname", `${path}.at`);
    expect(() => resolveSocket(path)).toThrow(ServerKitError);
  });
});

describe("a private folder", () => {
  it("is made with all its parents, for this user only", () => {
    const path = join(folder, "a", "b");
    ensurePrivateFolder(path);
    expect(mode(path)).toBe(0o700);
  });

  it("is closed when it stood open", () => {
    const path = join(folder, "open");
    mkdirSync(path);
    chmodSync(path, 0o755);
    ensurePrivateFolder(path);
    expect(mode(path)).toBe(0o700);
  });

  it("is refused where it is a link to a folder", () => {
    const path = join(folder, "link");
    symlinkSync(tmpdir(), path);
    expect(() => {
      ensurePrivateFolder(path);
    }).toThrow(ServerKitError);
  });
});

describe("the operations server", () => {
  function ask(path: string, url: string, method = "GET"): Promise<[number, string]> {
    return new Promise((resolve, reject) => {
      const asking = request({ socketPath: resolveSocket(path), path: url, method }, (response) => {
        let text = "";
        response.on("data", (part: Buffer) => (text += part.toString()));
        response.on("end", () => {
          resolve([response.statusCode ?? 0, text]);
        });
      });
      asking.on("error", reject);
      asking.end();
    });
  }

  it("serves metrics and health on its socket, nothing else, and takes the socket away", async () => {
    const socketPath = join(folder, "run", "x.sock");
    const metrics = createMetrics();
    metrics.counter("demo_total", "Demo.", ["kind"]).add({ kind: "a" }, 3);
    metrics.gauge("demo_depth", "Depth.", () => 7);
    metrics.duration("demo_seconds", "Time.").observe(0.02);
    let works = true;
    const health = createHealth([{ name: "store", works: () => works }]);
    const operations = await serveOperations({ socketPath, metrics, health, log: silentLogger });
    const [status, text] = await ask(socketPath, "/metrics");
    expect(status).toBe(200);
    expect(text).toMatch(/^demo_total\{kind="a"\} 3$/m);
    expect(text).toMatch(/^demo_depth 7$/m);
    expect(text).toMatch(/^demo_seconds_bucket\{le="0.025"\} 1$/m);
    expect(await ask(socketPath, "/health")).toEqual([200, '{"ok":true,"failing":[]}']);
    works = false;
    expect(await ask(socketPath, "/health")).toEqual([503, '{"ok":false,"failing":["store"]}']);
    expect((await ask(socketPath, "/other"))[0]).toBe(404);
    expect((await ask(socketPath, "/metrics", "POST"))[0]).toBe(405);
    await operations.close();
    expect(existsSync(socketPath)).toBe(false);
  });
});

describe("health", () => {
  it.each([
    ["says no", () => false],
    ["throws", () => Promise.reject(new Error("x"))],
    [
      "throws at once",
      () => {
        throw new Error("x");
      },
    ],
    ["never answers", () => new Promise<boolean>(() => undefined)],
  ])("fails when a check %s", async (_how, works) => {
    const health = createHealth(
      [
        { name: "good", works: () => true },
        { name: "bad", works },
      ],
      20,
    );
    expect(await health.check()).toEqual({ ok: false, failing: ["bad"] });
  });

  it("fails while the server stops", async () => {
    const health = createHealth([]);
    health.startStopping();
    expect(await health.check()).toEqual({ ok: false, failing: ["stopping"] });
  });
});
