import { envelopesPath, handshakesPath, mailboxPath, MEDIA_TYPES } from "@siphms/relay";
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { MAX_UPLOADS, REFUSAL_PACE } from "../domain/limits.ts";
import { eventually } from "../testing/eventually.ts";
import {
  problemOf,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
  type TestSession,
} from "../testing/test-gateway.ts";
import { SERVER_LIMITS, SPARE_CONNECTIONS } from "./server.ts";

const KID = new Uint8Array(8);
const MEBIBYTE = 1_048_576;
const running: TestGateway[] = [];

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const test = await startTestGateway(options);
  running.push(test);
  return test;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((test) => test.stop()));
});

async function refused(answer: Response): Promise<unknown[]> {
  const retryAfter = Number(answer.headers.get("retry-after"));
  return [...(await problemOf(answer)), retryAfter > 0];
}

async function metric(test: TestGateway, name: string): Promise<number> {
  const text = await test.gateway.metrics.text();
  return Number(new RegExp(`^siphms_gateway_${name} (\\d+)$`, "m").exec(text)?.[1]);
}

/** A pass that says what a good one says, under another signature. */
function forge(pass: string): string {
  return pass.slice(0, pass.lastIndexOf(".") + 1) + randomBytes(64).toString("base64url");
}

describe("connections", () => {
  const open: Socket[] = [];

  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });

  /** Opens one from an address of this machine; every address of 127.0.0.0/8 is. */
  function dial(test: TestGateway, localAddress: string): Promise<Socket> {
    const port = Number(new URL(test.url).port);
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", localAddress });
      open.push(socket);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.on("error", () => undefined);
        resolve(socket);
      });
    });
  }

  /** The status line that comes to a request, and nothing where the connection ends without one. */
  function ask(socket: Socket): Promise<string> {
    return new Promise((resolve) => {
      socket.once("data", (data) => {
        resolve(data.toString().split("\r\n")[0] ?? "");
      });
      socket.once("close", () => {
        resolve("");
      });
      socket.write("GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n");
    });
  }

  const limited = (maxConnections: number, proxies: readonly string[] = []) =>
    start({ options: { serverLimits: { ...SERVER_LIMITS, maxConnections }, proxies } });

  it("of one address above the limit are told to slow down, and closed", async () => {
    const test = await limited(3);
    for (let count = 0; count < 3; count += 1) await dial(test, "127.0.0.1");
    await eventually(async () => refused(await fetch(`${test.url}/v1/health`))).toEqual([
      429,
      "slow-down",
      true,
    ]);
    for (const socket of open.splice(0)) socket.destroy();
    await eventually(async () => (await fetch(`${test.url}/v1/health`)).status).toBe(200);
  });

  it("of the address that has most make room for a newcomer, the oldest first", async () => {
    const test = await limited(10);
    const flood: Socket[] = [];
    for (let count = 0; count < 10; count += 1) flood.push(await dial(test, "127.0.0.2"));
    const honest = await dial(test, "127.0.0.3");
    expect(await ask(honest)).toBe("HTTP/1.1 200 OK");
    await eventually(() => flood[0]?.destroyed).toBe(true);
    expect(flood.slice(1).map((socket) => socket.destroyed)).not.toContain(true);
    expect(await test.gateway.metrics.text()).toContain(
      'siphms_gateway_refused_total{reason="connection-places"} 1',
    );
  });

  it("of a flood do not end those of who has few", async () => {
    const test = await limited(10);
    const honest = await dial(test, "127.0.0.3");
    expect(await ask(honest)).toBe("HTTP/1.1 200 OK");
    for (let count = 0; count < 50; count += 1) {
      const flood = await dial(test, "127.0.0.2");
      if (count % 10 === 0) await ask(flood);
    }
    expect(await ask(honest)).toBe("HTTP/1.1 200 OK");
  });

  it("that are too many and stay silent leave room for a newcomer", async () => {
    const test = await limited(10);
    for (let count = 0; count < 10 + 2 * SPARE_CONNECTIONS; count += 1) {
      await dial(test, "127.0.0.2");
    }
    expect(await ask(await dial(test, "127.0.0.3"))).toBe("HTTP/1.1 200 OK");
    // And who is too many himself hears so.
    expect(await ask(await dial(test, "127.0.0.2"))).toMatch(/ 429 /);
  });

  it("take no more from others than makes them equal", async () => {
    const test = await limited(10);
    for (let count = 0; count < 10; count += 1) await dial(test, "127.0.0.2");
    const answers: string[] = [];
    for (let count = 0; count < 10; count += 1) {
      answers.push(await ask(await dial(test, "127.0.0.3")));
    }
    expect(answers.filter((line) => line.includes("200"))).toHaveLength(5);
    expect(answers.filter((line) => line.includes("429"))).toHaveLength(5);
  });

  it("of a named proxy are those of many, and make room for nobody", async () => {
    const test = await limited(10, ["127.0.0.0/28"]);
    const proxied: Socket[] = [];
    for (let count = 0; count < 20; count += 1) proxied.push(await dial(test, "127.0.0.2"));
    expect(await ask(await dial(test, "127.0.0.99"))).toBe("HTTP/1.1 200 OK");
    expect(proxied.map((socket) => socket.destroyed)).not.toContain(true);
  });
});

describe("bodies that are too large", () => {
  /** Sends a head and then bytes without end; what came back, and how much the gateway took. */
  function pour(test: TestGateway, head: string): Promise<{ heard: string; taken: number }> {
    return new Promise((resolve) => {
      const socket = connect(Number(new URL(test.url).port), "127.0.0.1");
      let heard = "";
      const part = `10000\r\n${"x".repeat(65_536)}\r\n`;
      const more = (): void => {
        while (!socket.destroyed && socket.write(part));
      };
      socket.on("data", (data) => (heard += data.toString()));
      socket.on("drain", more);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        resolve({ heard, taken: socket.bytesWritten });
      });
      socket.write(`${head}\r\n\r\n`);
      more();
    });
  }

  const post = async (test: TestGateway, length: string): Promise<string> => {
    const { sid, pass } = await test.newSession();
    const type = `content-type: ${MEDIA_TYPES.envelope}`;
    const head = [`POST ${envelopesPath(sid)} HTTP/1.1`, "Host: x", type, length];
    return [...head, `Authorization: Bearer ${pass}`].join("\r\n");
  };

  it.each([
    ["announced", `content-length: ${String(1024 ** 4)}`],
    ["not announced", "transfer-encoding: chunked"],
  ])("are refused and not read on when they are %s", async (_what, length) => {
    const test = await start();
    const { heard, taken } = await pour(test, await post(test, length));
    // An answer to somebody who is still sending can get lost when the connection is closed.
    expect(heard).toMatch(/^HTTP\/1\.1 413 |^$/);
    expect(taken).toBeLessThan(32 * MEBIBYTE);
    expect(await test.gateway.metrics.text()).toContain(
      'siphms_gateway_refused_total{reason="too-large"} 1',
    );
  });

  it("are not read at all without a pass", async () => {
    const test = await start();
    const head = (await post(test, "transfer-encoding: chunked")).replace(/Bearer .*/, "Bearer x");
    const { taken } = await pour(test, head);
    expect(taken).toBeLessThan(32 * MEBIBYTE);
    expect(test.data.store.usage().queued).toBe(0);
  });

  it("are heard out up to 1 MiB behind another refusal, so that the sender hears why", async () => {
    const test = await start();
    const session = await test.newSession();
    const answer = await session.post(new Uint8Array(MEBIBYTE), { pass: "no pass" });
    expect(answer.headers.get("connection")).toBe("keep-alive");
    expect(await problemOf(answer)).toEqual([401, "pass-invalid"]);
    const more = await session.post(new Uint8Array(MEBIBYTE + 1), { pass: "no pass" });
    expect(more.headers.get("connection")).toBe("close");
    expect(await problemOf(more)).toEqual([401, "pass-invalid"]);
  });
});

describe("bodies that do not come", () => {
  const open: Socket[] = [];

  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });

  /** Sends a head that announces a body, and a little of that; hears what comes. */
  function hold(test: TestGateway, session: TestSession): { heard: string; socket: Socket } {
    const socket = connect(Number(new URL(test.url).port), "127.0.0.1");
    const one = { heard: "", socket };
    open.push(socket);
    socket.on("data", (data) => (one.heard += data.toString()));
    socket.on("error", () => undefined);
    const lines = [
      `POST ${envelopesPath(session.sid)} HTTP/1.1`,
      `Host: x\r\nAuthorization: Bearer ${session.pass}`,
      `content-type: ${MEDIA_TYPES.envelope}\r\ncontent-length: 1000`,
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\nslow`);
    return one;
  }

  it("are limited for each session, and those above are told to slow down and closed", async () => {
    const test = await start();
    const [greedy, honest] = [await test.newSession(), await test.newSession()];
    const held = Array.from({ length: MAX_UPLOADS + 1 }, () => hold(test, greedy));
    await eventually(() => held.filter(({ socket }) => socket.destroyed).length).toBe(1);
    const refusal = held.find(({ socket }) => socket.destroyed)?.heard;
    expect(refusal).toMatch(/^HTTP\/1\.1 429 .*\r\nretry-after: 1\r\n/is);
    expect((await honest.post("x")).status).toBe(202);
    expect(await refused(await greedy.post("x"))).toEqual([429, "slow-down", true]);
    for (const { socket } of held) socket.destroy();
    await eventually(async () => (await greedy.post("x")).status).toBe(202);
    expect(await test.gateway.metrics.text()).toContain('reason="session-uploads"');
  });

  it("do not count where the sender had gone before its pass was checked", async () => {
    const test = await start();
    const session = await test.newSession();
    // False ones hold up the line of passes that nobody has seen.
    const forged = Array.from({ length: 100 }, () =>
      session.post("x", { pass: forge(session.pass) }),
    );
    await eventually(() => metric(test, "rate_counters")).toBe(1);
    const gone = Array.from({ length: MAX_UPLOADS }, () => hold(test, session));
    const isSent = ({ socket }: { socket: Socket }): boolean =>
      !socket.connecting && socket.writableLength === 0;
    await eventually(() => gone.every(isSent)).toBe(true);
    for (const { socket } of gone) socket.destroy();
    for (const answer of await Promise.all(forged)) expect(answer.status).toBe(401);
    expect((await session.post("x")).status).toBe(202);
  });

  it("do not count where they stood behind another request and their connection has ended", async () => {
    const test = await start();
    const session = await test.newSession();
    const gone: Socket[] = [];
    for (let count = 0; count < MAX_UPLOADS; count += 1) {
      const other = await test.newSession();
      const socket = connect(Number(new URL(test.url).port), "127.0.0.1");
      const head = (method: string, path: string, pass: string): string =>
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${pass}\r\n`;
      socket.write(`${head("GET", mailboxPath(other.sid), other.pass)}Prefer: wait=30\r\n\r\n`);
      const type = `content-type: ${MEDIA_TYPES.envelope}\r\ncontent-length: 1000\r\n\r\n`;
      socket.write(head("POST", envelopesPath(session.sid), session.pass) + type);
      open.push(socket);
      gone.push(socket);
    }
    await eventually(async () => (await session.post("x")).status).toBe(429);
    for (const socket of gone) socket.destroy();
    await eventually(async () => (await session.post("x")).status).toBe(202);
  });

  it("do not count any more once they have come, nor when they were refused", async () => {
    const test = await start();
    const uplink = await test.connect();
    const session = await test.newSession();
    const waiting = Array.from({ length: MAX_UPLOADS }, () =>
      session.post("x", { waitSeconds: 9 }),
    );
    for (let count = 0; count < MAX_UPLOADS; count += 1) await uplink.next("envelope");
    const large = new Uint8Array(MEBIBYTE);
    for (let count = 0; count < MAX_UPLOADS; count += 1) {
      expect((await session.post(large)).status).toBe(413);
    }
    expect((await session.post("x")).status).toBe(202);
    uplink.socket.close();
    await test.stop();
    running.length = 0;
    await Promise.all(waiting);
  });
});

describe("refusals in large numbers", () => {
  const request = "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n";
  const AT_ONCE = REFUSAL_PACE.atOnce;

  /** A client that sends all its requests without waiting for answers. */
  function flood(test: TestGateway, count: number): { answers: () => number; socket: Socket } {
    const socket = connect(Number(new URL(test.url).port), "127.0.0.1");
    let heard = "";
    socket.on("data", (data) => (heard += data.toString()));
    socket.on("error", () => undefined);
    socket.write(request.repeat(count));
    return { socket, answers: () => heard.split("HTTP/1.1 404").length - 1 };
  }

  const held = (test: TestGateway): Promise<number> => metric(test, "held_refusals");

  it("leave at once up to a number and are held back above, while others are served", async () => {
    const test = await start();
    const session = await test.newSession();
    const { answers, socket } = flood(test, AT_ONCE + 200);
    await eventually(() => held(test)).toBeGreaterThan(0);
    expect(answers()).toBeLessThan(AT_ONCE + 200);
    expect((await session.post("x")).status).toBe(202);
    await eventually(answers).toBe(AT_ONCE + 200);
    expect(await held(test)).toBe(0);
    socket.destroy();
  });

  it("stop the reading of who sends without waiting for them", async () => {
    const test = await start();
    const { socket } = flood(test, AT_ONCE + 100_000);
    await eventually(() => held(test)).toBeGreaterThan(0);
    // What the gateway does not read stays with its sender: in memory there is no more than came at once.
    expect(await held(test)).toBeLessThan(4000);
    socket.destroy();
  });

  it("of a mailbox that was waited for count for the address that a proxy names", async () => {
    const test = await start({ options: { proxies: ["127.0.0.1"] } });
    const session = await test.newSession(undefined, 1);
    const ask = (from: string) =>
      fetch(test.url + mailboxPath(session.sid), {
        headers: { authorization: `Bearer ${session.pass}`, "x-forwarded-for": from },
      });
    while ((await ask("203.0.113.1")).status === 204);
    const { socket } = flood(test, AT_ONCE + 1000);
    await eventually(() => held(test)).toBeGreaterThan(0);
    expect((await ask("203.0.113.1")).status).toBe(429);
    expect(await held(test)).toBeGreaterThan(0);
    socket.destroy();
  });

  it("all leave when the gateway stops", async () => {
    const test = await start();
    const { answers } = flood(test, AT_ONCE + 500);
    await eventually(() => held(test)).toBeGreaterThan(0);
    await test.stop();
    running.length = 0;
    await eventually(answers).toBeGreaterThanOrEqual(AT_ONCE + 500);
  });
});

describe("slow and broken clients (SR-45)", () => {
  const limits = {
    ...SERVER_LIMITS,
    headersTimeoutMs: 100,
    requestTimeoutMs: 200,
    idleTimeoutMs: 400,
  };

  /** Sends raw bytes and returns everything that comes until the gateway closes. */
  function speak(test: TestGateway, words: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(Number(new URL(test.url).port), "127.0.0.1");
      let heard = "";
      socket.on("data", (data) => (heard += data.toString()));
      socket.on("error", () => undefined);
      socket.on("close", () => {
        resolve(heard);
      });
      socket.write(words);
    });
  }

  const post = `POST ${envelopesPath(new Uint8Array(16))} HTTP/1.1\r\nHost: x\r\n`;

  it("are cut when their headers do not end", async () => {
    const test = await start({ options: { serverLimits: limits } });
    expect(await speak(test, post)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await test.gateway.metrics.text()).toContain('reason="slow-request"} 1');
  });

  it("are cut when their body does not end", async () => {
    const test = await start({ options: { serverLimits: limits } });
    const type = `content-type: ${MEDIA_TYPES.handshakeRequest}`;
    const words = `POST ${handshakesPath("test-hospital", KID)} HTTP/1.1\r\nHost: x\r\n${type}\r\ncontent-length: 100\r\n\r\nhalf`;
    expect(await speak(test, words)).toMatch(/^HTTP\/1\.1 408 |^$/);
  });

  it("are cut when they say nothing at all", async () => {
    const test = await start({ options: { serverLimits: limits } });
    expect(await speak(test, "")).toMatch(/^HTTP\/1\.1 408 |^$/);
  });

  it("are refused with 431 for endless headers", async () => {
    const test = await start();
    expect(await speak(test, `${post}x: ${"y".repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });

  it.each([
    ["no HTTP", "hello\r\n\r\n"],
    ["both lengths", `${post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["two lengths", `${post}content-length: 4\r\ncontent-length: 5\r\n\r\nxxxxx`],
    ["a folded header", `${post}a: b\r\n c\r\n\r\n`],
    [
      "a bad chunk",
      `${post}content-type: ${MEDIA_TYPES.envelope}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
    ],
  ])("are refused with 400 malformed and closed for %s", async (_what, words) => {
    const test = await start();
    const heard = await speak(test, words);
    expect(heard).toMatch(/^HTTP\/1\.1 400 /);
    expect(heard).toContain("urn:siphms:problem:malformed");
    expect(await test.gateway.metrics.text()).toContain('reason="not-http"} 1');
  });
});
