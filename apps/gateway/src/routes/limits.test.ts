import { envelopesPath, handshakesPath, MEDIA_TYPES } from "@siphms/relay";
import { createLogger } from "@siphms/server-kit";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { QueueStore } from "../domain/ports.ts";
import {
  bytes,
  problemOf,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from "../testing/test-gateway.ts";
import { SERVER_LIMITS } from "./server.ts";
import { eventually } from "../testing/eventually.ts";

const KID = new Uint8Array(8);
const running: TestGateway[] = [];

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const test = await startTestGateway(options);
  running.push(test);
  return test;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((test) => test.stop()));
});

const handshake = (test: TestGateway): Promise<Response> =>
  fetch(test.url + handshakesPath("test-hospital", KID), {
    method: "POST",
    headers: { "content-type": MEDIA_TYPES.handshakeRequest },
    body: "message 1",
  });

async function refused(answer: Response): Promise<unknown[]> {
  const retryAfter = Number(answer.headers.get("retry-after"));
  return [...(await problemOf(answer)), retryAfter > 0];
}

describe("the rate of a pass", () => {
  it("lets lim envelopes a minute through, then 429 slow-down until the time is up", async () => {
    const test = await start();
    const session = await test.newSession(test.hospital, 3);
    const other = await test.newSession(test.hospital, 3);
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await session.post("x")).status);
    expect(statuses).toEqual([202, 202, 202]);
    const fourth = await session.post("x");
    expect(fourth.headers.get("retry-after")).toBe("20");
    expect(await problemOf(fourth)).toEqual([429, "slow-down"]);
    expect((await other.post("x")).status).toBe(202);
    test.clock.advance(20_000);
    expect((await session.post("x")).status).toBe(202);
    expect(await refused(await session.post("x"))).toEqual([429, "slow-down", true]);
  });

  it("lets the mailbox be asked a little more often, then 429 slow-down", async () => {
    const test = await start();
    const session = await test.newSession(test.hospital, 1);
    for (let count = 0; count < 61; count += 1) expect((await session.mailbox()).status).toBe(204);
    expect(await refused(await session.mailbox())).toEqual([429, "slow-down", true]);
  });
});

describe("the rate of an address", () => {
  it("counts handshakes", async () => {
    const test = await start({ options: { addressPerMinute: 2 } });
    expect([(await handshake(test)).status, (await handshake(test)).status]).toEqual([503, 503]);
    expect(await refused(await handshake(test))).toEqual([429, "slow-down", true]);
    test.clock.advance(30_000);
    expect((await handshake(test)).status).toBe(503);
  });

  it("counts passes that have to be verified, and not those that were", async () => {
    const test = await start({ options: { addressPerMinute: 2 } });
    const session = await test.newSession();
    expect((await session.post("x")).status).toBe(202);
    expect((await session.post("x", { pass: "forged" })).status).toBe(401);
    expect(await refused(await session.post("x", { pass: "forged" }))).toEqual([
      429,
      "slow-down",
      true,
    ]);
    expect((await session.post("x")).status).toBe(202);
  });

  it("believes X-Forwarded-For of a named proxy, and of nobody else", async () => {
    const ask = (test: TestGateway, address: string): Promise<Response> =>
      fetch(test.url + handshakesPath("test-hospital", KID), {
        method: "POST",
        headers: { "content-type": MEDIA_TYPES.handshakeRequest, "x-forwarded-for": address },
        body: "x",
      });
    const open = await start({ options: { addressPerMinute: 1 } });
    expect([(await ask(open, "10.0.0.1")).status, (await ask(open, "10.0.0.2")).status]).toEqual([
      503, 429,
    ]);
    const behind = await start({ options: { addressPerMinute: 1, proxies: ["127.0.0.1"] } });
    expect([
      (await ask(behind, "10.0.0.1")).status,
      (await ask(behind, "10.0.0.2")).status,
    ]).toEqual([503, 503]);
    expect((await ask(behind, "10.0.0.2")).status).toBe(429);
  });
});

describe("handshakes in flight", () => {
  it("are limited for each hospital, with 429 slow-down above", async () => {
    const test = await start({ options: { maxHandshakes: 2 } });
    const uplink = await test.connect();
    const first = handshake(test);
    const { id } = await uplink.next("handshake-in");
    expect(await refused(await handshake(test))).toEqual([429, "slow-down", true]);
    uplink.send({ type: "handshake-out", id, outcome: "answer", body: bytes("message 2") });
    expect((await first).status).toBe(200);
  });
});

describe("the depth of the queue", () => {
  it.each([
    ["a session's envelopes", { sessionEnvelopes: 2 }],
    ["a hospital's envelopes", { hospitalEnvelopes: 2 }],
    ["a hospital's bytes", { hospitalBytes: 25 }],
  ])(
    "is limited by %s, with 507 queue-full above, until some are answered",
    async (_what, limits) => {
      const test = await start({ limits });
      const session = await test.newSession();
      for (let count = 0; count < 2; count += 1)
        expect((await session.post("ten bytes.")).status).toBe(202);
      expect(await refused(await session.post("ten bytes."))).toEqual([507, "queue-full", true]);
      const uplink = await test.connect();
      const { sid, number } = await uplink.next("envelope");
      uplink.send({ type: "no-answer", sid, number });
      await eventually(() => test.data.store.usage().queued).toBe(1);
      expect((await session.post("ten bytes.")).status).toBe(202);
    },
  );

  it("is known again after a restart", async () => {
    const test = await start({ limits: { sessionEnvelopes: 1 } });
    const session = await test.newSession();
    expect((await session.post("x")).status).toBe(202);
    await test.restart();
    expect(await refused(await session.post("x"))).toEqual([507, "queue-full", true]);
  });
});

describe("connections", () => {
  it("above the limit are told to slow down, and closed", async () => {
    const test = await start({
      options: { serverLimits: { ...SERVER_LIMITS, maxConnections: 3 } },
    });
    const sockets = [1, 2, 3].map(() => connect(Number(new URL(test.url).port), "127.0.0.1"));
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once("connect", done))));
    await eventually(async () => refused(await fetch(`${test.url}/v1/health`))).toEqual([
      429,
      "slow-down",
      true,
    ]);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => (await fetch(`${test.url}/v1/health`)).status).toBe(200);
  });
});

describe("slow and broken clients", () => {
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
  });
});

describe("idle sessions", () => {
  it("leave nothing in memory but their pass's hash", async () => {
    const test = await start();
    const uplink = await test.connect();
    uplink.answerAll(() => bytes("re"));
    for (let count = 0; count < 20; count += 1) {
      const session = await test.newSession();
      expect((await session.post("x", { waitSeconds: 5 })).status).toBe(200);
      expect((await session.mailbox()).status).toBe(200);
    }
    test.clock.advance(61_000);
    await eventually(() => test.gateway.metrics.text()).toMatch(
      /^siphms_gateway_rate_counters 0$/m,
    );
    const text = await test.gateway.metrics.text();
    for (const name of [
      "waiting_posts",
      "waiting_mailboxes",
      "queued_envelopes",
      "handshakes_in_flight",
    ]) {
      expect(text).toMatch(new RegExp(`^siphms_gateway_${name} 0$`, "m"));
    }
    expect(text).toMatch(/^siphms_gateway_cached_passes 20$/m);
  });
});

describe("faults inside", () => {
  const broken =
    (enqueue: QueueStore["enqueue"]) =>
    (store: QueueStore): QueueStore => ({ ...store, enqueue });

  it("give 507 queue-full, never 202, when the store cannot write", async () => {
    const test = await start({ wrapStore: broken(() => Promise.resolve("full")) });
    const session = await test.newSession();
    expect(await refused(await session.post("x"))).toEqual([507, "queue-full", true]);
  });

  it("that nobody foresaw give a bare 500 and a log line without the message", async () => {
    const lines: string[] = [];
    const log = createLogger(
      { program: "test", level: "debug" },
      { write: (line) => void lines.push(line) },
    );
    const fault = new TypeError("secret content");
    const test = await start({ wrapStore: broken(() => Promise.reject(fault)), log });
    const session = await test.newSession();
    const answer = await session.post("x");
    expect(await answer.json()).toEqual({
      type: "about:blank",
      title: "Internal Server Error",
      status: 500,
    });
    const all = lines.join("");
    expect(all).toContain("TypeError");
    for (const secret of [
      "secret",
      session.pass,
      Buffer.from(session.sid).toString("base64url"),
      "127.0.0.1",
    ]) {
      expect(all).not.toContain(secret);
    }
  });

  it("of the store show in the health answer, which has no detail", async () => {
    let works = true;
    const test = await start({ wrapStore: (store) => ({ ...store, works: () => works }) });
    const good = await fetch(`${test.url}/v1/health`);
    expect([good.status, await good.text()]).toEqual([200, ""]);
    works = false;
    const bad = await fetch(`${test.url}/v1/health`);
    expect([bad.status, await bad.text()]).toEqual([503, ""]);
  });
});
