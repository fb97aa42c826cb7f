import { handshakesPath, MEDIA_TYPES } from "@siphms/relay";
import { createLogger } from "@siphms/server-kit";
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { QueueStore } from "../domain/ports.ts";
import { openUplink } from "../testing/fake-hospital.ts";
import {
  bytes,
  problemOf,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from "../testing/test-gateway.ts";
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

  it("counts passes that prove to be forged, and no others", async () => {
    const test = await start({ options: { addressPerMinute: 2 } });
    const forge = (pass: string): string =>
      `${pass.split(".").slice(0, 2).join(".")}.${randomBytes(64).toString("base64url")}`;
    for (let count = 0; count < 5; count += 1) {
      const session = await test.newSession();
      expect((await session.post("x")).status).toBe(202);
      expect((await session.post("x", { pass: "no pass" })).status).toBe(401);
    }
    const session = await test.newSession();
    for (let count = 0; count < 2; count += 1) {
      const pass = forge(session.pass);
      expect((await session.post("x", { pass })).status).toBe(401);
    }
    const pass = forge(session.pass);
    expect(await refused(await session.post("x", { pass }))).toEqual([429, "slow-down", true]);
    test.clock.advance(30_000);
    expect((await session.post("x")).status).toBe(202);
    expect((await session.post("x", { pass })).status).toBe(401);
    expect((await session.post("x")).status).toBe(202);
  });

  it("counts uplink tokens that prove to be forged", async () => {
    const test = await start({ options: { addressPerMinute: 2 } });
    for (let count = 0; count < 3; count += 1) (await test.connect()).socket.terminate();
    for (let count = 0; count < 2; count += 1) {
      await expect(openUplink(test.url, "forged.forged.forged")).rejects.toThrow("401");
    }
    await expect(openUplink(test.url, await test.hospital.uplinkToken())).rejects.toThrow("429");
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

describe("a hospital that is behind", () => {
  async function startBehind() {
    const test = await start({ options: { maxUnanswered: 2 } });
    const session = await test.newSession();
    const uplink = await test.connect();
    for (let count = 0; count < 2; count += 1) expect((await session.post("x")).status).toBe(202);
    return { test, session, uplink };
  }

  it("has its devices told to wait with 429 slow-down, and nothing stored", async () => {
    const { test, session } = await startBehind();
    const answer = await session.post("x");
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await problemOf(answer)).toEqual([429, "slow-down"]);
    expect(test.data.store.usage().queued).toBe(2);
    const refusals = `siphms_gateway_refused_total{reason="hospital-backlog"} 1`;
    await eventually(() => test.gateway.metrics.text()).toContain(refusals);
  });

  it("gets envelopes again as soon as it has answered", async () => {
    const { test, session, uplink } = await startBehind();
    const { sid, number } = await uplink.next("envelope");
    uplink.send({ type: "no-answer", sid, number });
    await eventually(() => test.data.store.usage().queued).toBe(1);
    expect((await session.post("x")).status).toBe(202);
    expect(await refused(await session.post("x"))).toEqual([429, "slow-down", true]);
  });

  it("does not keep those of another hospital waiting", async () => {
    const { test } = await startBehind();
    const other = await test.newHospital("other-hospital");
    await test.data.directory.admit(other.registration);
    await test.connect(100, other);
    expect((await (await test.newSession(other)).post("x")).status).toBe(202);
  });

  it("has the whole queue when it is away: nothing else would take them", async () => {
    const { test, session, uplink } = await startBehind();
    uplink.socket.close();
    await eventually(() => test.gateway.metrics.text()).toMatch(/^siphms_gateway_uplinks 0$/m);
    for (let count = 0; count < 3; count += 1) expect((await session.post("x")).status).toBe(202);
    await test.connect();
    expect(await refused(await session.post("x"))).toEqual([429, "slow-down", true]);
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
