import { decodeMailbox, encodeFrames, UPLINK_CLOSE } from "@siphms/relay";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { StoreError } from "../domain/store-error.ts";
import { openUplink, randomSid } from "../testing/fake-hospital.ts";
import {
  bytes,
  problemOf,
  startTestGateway,
  text,
  type TestGateway,
  type TestSession,
} from "../testing/test-gateway.ts";
import { eventually } from "../testing/eventually.ts";

let test: TestGateway;

beforeEach(async () => {
  test = await startTestGateway();
});

afterEach(() => test.stop());

/** The status with which an upgrade is refused, or 101. */
function upgrade(token: string | undefined): Promise<number> {
  return new Promise((resolve) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(`${test.url.replace("http", "ws")}/v1/uplink`, { headers });
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
    });
    socket.on("open", () => {
      resolve(101);
      socket.close();
    });
    socket.on("error", () => undefined);
  });
}

const seconds = (): number => Math.floor(test.clock.now() / 1000);

async function mail(session: TestSession): Promise<string[]> {
  const answer = await session.mailbox();
  return decodeMailbox(new Uint8Array(await answer.arrayBuffer())).map(text);
}

describe("an uplink token", () => {
  it("opens one uplink", async () => {
    expect(await upgrade(await test.hospital.uplinkToken())).toBe(101);
  });

  it("is good once, also across a restart [HS-312d]", async () => {
    const token = await test.hospital.uplinkToken();
    expect(await upgrade(token)).toBe(101);
    expect(await upgrade(token)).toBe(401);
    await test.restart();
    expect(await upgrade(token)).toBe(401);
  });

  it.each<[string, () => Promise<string | undefined>]>([
    ["missing", () => Promise.resolve(undefined)],
    ["no JWT", () => Promise.resolve("abc")],
    ["a gateway pass", () => test.hospital.pass(randomSid())],
    ["of another typ", () => test.hospital.uplinkToken({ typ: "JWT" })],
    ["for another gateway", () => test.hospital.uplinkToken({ audience: "https://other.example" })],
    ["expired", () => test.hospital.uplinkToken({ expiresAtSeconds: seconds() - 31 })],
    ["good for too long", () => test.hospital.uplinkToken({ expiresAtSeconds: seconds() + 91 })],
    ["without a usable jti", () => test.hospital.uplinkToken({ jti: "a b" })],
    [
      "of a hospital that is not admitted",
      async () => (await test.newHospital("nobody")).uplinkToken(),
    ],
    ["signed by another key", async () => (await test.newHospital("test-hospital")).uplinkToken()],
    ["very long", () => test.hospital.uplinkToken({ jti: "x".repeat(3000) })],
  ])("is refused with 401 when it is %s", async (_what, token) => {
    expect(await upgrade(await token())).toBe(401);
  });

  it("opens no session", async () => {
    const session = await test.newSession();
    const pass = await test.hospital.uplinkToken();
    expect(await problemOf(await session.post("x", { pass }))).toEqual([401, "pass-invalid"]);
  });

  it("is not used up by a request that is no upgrade", async () => {
    const token = await test.hospital.uplinkToken();
    const answer = await fetch(`${test.url}/v1/uplink`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([answer.status, await upgrade(token)]).toEqual([404, 101]);
  });
});

describe("an uplink", () => {
  it("takes the place of the hospital's earlier one", async () => {
    const first = await test.connect();
    const second = await test.connect();
    expect(await first.closed).toBe(UPLINK_CLOSE.replaced);
    const session = await test.newSession();
    await session.post("x");
    expect(text((await second.next("envelope")).body)).toBe("x");
  });

  it("leaves another hospital's alone", async () => {
    const other = await test.newHospital("other-hospital");
    await test.data.directory.admit(other.registration);
    const mine = await test.connect();
    const yours = await test.connect(10, other);
    const session = await test.newSession(other);
    await session.post("for other");
    expect(text((await yours.next("envelope")).body)).toBe("for other");
    expect([mine.waiting, mine.socket.readyState]).toEqual([[], WebSocket.OPEN]);
  });

  it("gets no envelope without credit, and one for each credit", async () => {
    const uplink = await test.connect(0);
    const session = await test.newSession();
    for (const body of ["1", "2", "3"]) await session.post(body);
    uplink.send({ type: "credit", count: 2 });
    expect([
      text((await uplink.next("envelope")).body),
      text((await uplink.next("envelope")).body),
    ]).toEqual(["1", "2"]);
    await pong(uplink.socket);
    expect(uplink.waiting).toEqual([]);
    uplink.send({ type: "credit", count: 1 });
    expect(text((await uplink.next("envelope")).body)).toBe("3");
  });

  it("gets everything unanswered again after a reconnect, in order, under the same numbers", async () => {
    const first = await test.connect();
    const session = await test.newSession();
    for (const body of ["1", "2", "3"]) await session.post(body);
    const frames = [
      await first.next("envelope"),
      await first.next("envelope"),
      await first.next("envelope"),
    ];
    const two = frames[1]!;
    first.send({ type: "answer", sid: two.sid, number: two.number, body: bytes("re 2") });
    await eventually(() => test.data.store.usage().queued).toBe(2);
    first.socket.terminate();
    const second = await test.connect();
    const again = [await second.next("envelope"), await second.next("envelope")];
    expect(again.map(({ number, body }) => [number, text(body)])).toEqual([
      [frames[0]?.number, "1"],
      [frames[2]?.number, "3"],
    ]);
  });

  it("gets everything unanswered again after a restart, within its credit", async () => {
    const session = await test.newSession();
    const bodies = Array.from({ length: 50 }, (_, index) => String(index));
    for (const body of bodies) expect((await session.post(body)).status).toBe(202);
    await test.restart();
    const uplink = await test.connect(20);
    const received: string[] = [];
    for (let count = 0; count < 20; count += 1)
      received.push(text((await uplink.next("envelope")).body));
    await pong(uplink.socket);
    expect(uplink.waiting).toEqual([]);
    uplink.send({ type: "credit", count: 100 });
    for (let count = 0; count < 30; count += 1)
      received.push(text((await uplink.next("envelope")).body));
    expect(received).toEqual(bodies);
  });

  it("never gives a number a second time, even when its envelope is long gone", async () => {
    const first = await test.connect();
    const session = await test.newSession();
    await session.post("1");
    const { sid, number } = await first.next("envelope");
    first.send({ type: "no-answer", sid, number });
    await eventually(() => test.data.store.usage().queued).toBe(0);
    await test.restart();
    const second = await test.connect();
    await session.post("2");
    expect((await second.next("envelope")).number).toBeGreaterThan(number);
  });

  it("brings large backlogs through without losing or doubling any", async () => {
    const session = await test.newSession(test.hospital, 6000);
    const body = (index: number): Uint8Array => new Uint8Array(60_000).fill(index);
    for (let index = 0; index < 100; index += 1) {
      expect((await session.post(body(index))).status).toBe(202);
    }
    const uplink = await test.connect(1000);
    const received: number[] = [];
    for (let index = 0; index < 100; index += 1)
      received.push((await uplink.next("envelope")).body[9]!);
    expect(received).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  it("puts a notice that nobody asked for into the mailbox", async () => {
    const uplink = await test.connect();
    const session = await test.newSession();
    uplink.send({ type: "answer", sid: session.sid, number: 0, body: bytes("notice") });
    await eventually(() => mail(session)).toEqual(["notice"]);
  });

  it("delivers one answer when the hospital answers the same envelope twice", async () => {
    const uplink = await test.connect();
    const session = await test.newSession();
    await session.post("x");
    const { sid, number } = await uplink.next("envelope");
    const answer = { type: "answer", sid, number, body: bytes("re x") } as const;
    uplink.send(answer, answer);
    uplink.send(answer);
    await pong(uplink.socket);
    await eventually(() => mail(session)).toEqual(["re x"]);
  });

  it.each(["another session", "another hospital"])(
    "cannot answer an envelope of %s",
    async (whose) => {
      const owner = await test.connect();
      const session = await test.newSession();
      await session.post("x");
      const { sid, number } = await owner.next("envelope");
      const stranger = await test.newHospital("stranger");
      await test.data.directory.admit(stranger.registration);
      const uplink = whose === "another hospital" ? await test.connect(1, stranger) : owner;
      const named = whose === "another hospital" ? sid : randomSid();
      uplink.send(
        { type: "answer", sid: named, number, body: bytes("forged") },
        { type: "no-answer", sid: named, number },
      );
      if (whose === "another hospital") {
        uplink.send(
          { type: "answer", sid, number: 0, body: bytes("forged") },
          { type: "close", sid },
        );
      }
      await pong(uplink.socket);
      owner.send({ type: "answer", sid: session.sid, number: 0, body: bytes("true") });
      await eventually(() => mail(session)).toEqual(["true"]);
      expect(test.data.store.usage().queued).toBe(1);
    },
  );

  it.each<[string, Uint8Array | string]>([
    ["bytes that are no frames", Uint8Array.of(9, 9)],
    [
      "a frame that only a gateway sends",
      encodeFrames([{ type: "envelope", sid: new Uint8Array(16), number: 1, body: bytes("x") }]),
    ],
    [
      "a handshake that only a gateway begins",
      encodeFrames([{ type: "handshake-in", step: 3, id: new Uint8Array(16), body: bytes("x") }]),
    ],
    ["a text", "credit"],
  ])("is closed at %s", async (_what, message) => {
    const uplink = await test.connect();
    uplink.socket.send(message);
    expect(await uplink.closed).toBe(UPLINK_CLOSE.malformed);
  });

  it("is closed at a message over 1 MiB", async () => {
    const uplink = await test.connect();
    uplink.socket.send(new Uint8Array(1_048_577));
    expect(await uplink.closed).toBe(1009);
  });

  it("is closed within seconds when the hospital is expelled", async () => {
    const uplink = await test.connect();
    await test.data.directory.expel("test-hospital");
    expect(await uplink.closed).toBe(UPLINK_CLOSE.expelled);
  });

  it("is closed with 1001 when the gateway stops", async () => {
    const uplink = await test.connect();
    await test.restart();
    expect(await uplink.closed).toBe(1001);
  });

  it("ignores answers to handshakes that nobody waits for", async () => {
    const uplink = await test.connect();
    uplink.send({ type: "handshake-out", id: randomSid(), outcome: "answer", body: bytes("x") });
    await pong(uplink.socket);
    expect(uplink.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe("an uplink whose answers cannot be stored", () => {
  it("is closed, and what was answered counts as unanswered; a closing holds all the same", async () => {
    let broken = false;
    const failing = await startTestGateway({
      wrapStore: (store) => ({
        ...store,
        settle: (...settling) =>
          broken ? Promise.reject(new StoreError()) : store.settle(...settling),
      }),
    });
    const session = await failing.newSession();
    const closing = await failing.newSession();
    const uplink = await failing.connect();
    await session.post("x");
    const { sid, number } = await uplink.next("envelope");
    broken = true;
    uplink.send(
      { type: "answer", sid, number, body: bytes("re x") },
      { type: "close", sid: closing.sid },
    );
    expect(await uplink.closed).toBe(UPLINK_CLOSE.storage);
    expect(await problemOf(await closing.post("x"))).toEqual([409, "session-expired"]);
    broken = false;
    const again = await openUplink(failing.url, await failing.hospital.uplinkToken());
    again.send({ type: "credit", count: 1 });
    expect((await again.next("envelope")).number).toBe(number);
    await eventually(() =>
      failing.data.store.isClosed({ hospital: "test-hospital", sid: closing.sid }),
    ).toBe(true);
    await failing.stop();
  });
});

/** Waits until the gateway has read everything that was sent before. */
async function pong(socket: WebSocket): Promise<void> {
  const answered = new Promise((done) => socket.once("pong", done));
  socket.ping();
  await answered;
}
