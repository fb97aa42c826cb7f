import { handshakePath, handshakesPath, MEDIA_TYPES, type HandshakeOutcome } from "@siphms/relay";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  bytes,
  problemOf,
  startTestGateway,
  text,
  type TestGateway,
} from "../testing/test-gateway.ts";

const KID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
let test: TestGateway;

beforeEach(async () => {
  test = await startTestGateway();
});

afterEach(() => test.stop());

function post(
  path: string,
  body: string | Uint8Array,
  type: string = MEDIA_TYPES.handshakeRequest,
) {
  return fetch(test.url + path, {
    method: "POST",
    headers: { "content-type": type },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
}

const start = (body: string | Uint8Array = "message 1") =>
  post(handshakesPath("test-hospital", KID), body);

/** Brings a handshake to the point where message_3 is due, and returns the address for it. */
async function started(uplink: Awaited<ReturnType<TestGateway["connect"]>>): Promise<string> {
  const answer = start();
  const { id } = await uplink.next("handshake-in");
  uplink.send({ type: "handshake-out", id, outcome: "answer", body: bytes("message 2") });
  return (await answer).headers.get("location") ?? "";
}

describe("a handshake", () => {
  it("carries message_1 and kid to the hospital, and message_2 with a Location back", async () => {
    const uplink = await test.connect();
    const answer = start();
    const frame = await uplink.next("handshake-in");
    expect([frame.step, frame.step === 1 && frame.kid, text(frame.body)]).toEqual([
      1,
      KID,
      "message 1",
    ]);
    uplink.send({
      type: "handshake-out",
      id: frame.id,
      outcome: "answer",
      body: bytes("message 2"),
    });
    const { status, headers } = await answer;
    expect([status, headers.get("content-type")]).toEqual([200, MEDIA_TYPES.handshakeAnswer]);
    expect(headers.get("location")).toBe(handshakePath(frame.id));
    expect(await (await answer).text()).toBe("message 2");
  });

  it("carries message_3 under the same id, and message_4 back", async () => {
    const uplink = await test.connect();
    const location = await started(uplink);
    const answer = post(location, "message 3");
    const frame = await uplink.next("handshake-in");
    expect([frame.step, handshakePath(frame.id), text(frame.body)]).toEqual([
      3,
      location,
      "message 3",
    ]);
    uplink.send({
      type: "handshake-out",
      id: frame.id,
      outcome: "answer",
      body: bytes("message 4"),
    });
    expect([(await answer).status, (await answer).headers.get("location")]).toEqual([200, null]);
    expect(await (await answer).text()).toBe("message 4");
  });

  it("lets the hospital judge a message_3 that comes again", async () => {
    const uplink = await test.connect();
    const location = await started(uplink);
    for (let time = 0; time < 2; time += 1) {
      const answer = post(location, "message 3");
      const { id } = await uplink.next("handshake-in");
      uplink.send({ type: "handshake-out", id, outcome: "answer", body: bytes("message 4") });
      expect(await (await answer).text()).toBe("message 4");
    }
  });

  it("has an id of 16 random bytes, new for each", async () => {
    const uplink = await test.connect();
    const first = await started(uplink);
    const second = await started(uplink);
    expect(first).toMatch(/^\/v1\/handshakes\/[\w-]{22}$/);
    expect(first).not.toBe(second);
  });

  it("gives an EDHOC error message as 400 in EDHOC's own media type", async () => {
    const uplink = await test.connect();
    const answer = start();
    const { id } = await uplink.next("handshake-in");
    uplink.send({ type: "handshake-out", id, outcome: "edhoc-error", body: bytes("error") });
    const { status, headers } = await answer;
    expect([status, headers.get("content-type"), headers.get("location")]).toEqual([
      400,
      MEDIA_TYPES.handshakeAnswer,
      null,
    ]);
    expect(await (await answer).text()).toBe("error");
  });

  it.each<[HandshakeOutcome, number, string | null]>([
    ["handshake-used", 409, null],
    ["hospital-key-unknown", 404, null],
    ["slow-down", 429, "2"],
    ["hospital-away", 503, "15"],
    ["malformed", 400, null],
  ])("becomes the problem %s when the hospital says so", async (outcome, status, retryAfter) => {
    const uplink = await test.connect();
    const answer = start();
    const { id } = await uplink.next("handshake-in");
    uplink.send({ type: "handshake-out", id, outcome, body: new Uint8Array() });
    expect((await answer).headers.get("retry-after")).toBe(retryAfter);
    expect(await problemOf(await answer)).toEqual([status, outcome]);
  });

  it("is refused with 404 hospital-unknown for a hospital that is not admitted", async () => {
    const answer = await post(handshakesPath("nobody", KID), "message 1");
    expect(await problemOf(answer)).toEqual([404, "hospital-unknown"]);
  });

  it("is refused with 503 hospital-away while the hospital has no uplink", async () => {
    const answer = await start();
    expect(answer.headers.get("retry-after")).toBe("15");
    expect(await problemOf(answer)).toEqual([503, "hospital-away"]);
  });

  it("is refused with 503 hospital-away when the uplink ends meanwhile", async () => {
    const uplink = await test.connect();
    const answer = start();
    await uplink.next("handshake-in");
    uplink.socket.terminate();
    expect(await problemOf(await answer)).toEqual([503, "hospital-away"]);
  });

  it("is refused with 404 session-unknown for an id that nobody gave, or of another form", async () => {
    await test.connect();
    expect(await problemOf(await post(handshakePath(new Uint8Array(16)), "x"))).toEqual([
      404,
      "session-unknown",
    ]);
    expect(await problemOf(await post("/v1/handshakes/short", "x"))).toEqual([
      404,
      "session-unknown",
    ]);
  });

  it("can be finished for ten minutes and not after", async () => {
    const uplink = await test.connect();
    const location = await started(uplink);
    test.clock.advance(10 * 60 * 1000 - 1);
    const inTime = post(location, "message 3");
    const { id } = await uplink.next("handshake-in");
    uplink.send({ type: "handshake-out", id, outcome: "answer", body: bytes("message 4") });
    expect((await inTime).status).toBe(200);
    test.clock.advance(1);
    expect(await problemOf(await post(location, "message 3"))).toEqual([404, "session-unknown"]);
  });

  it("has one message under way at a time", async () => {
    const uplink = await test.connect();
    const location = await started(uplink);
    const first = post(location, "message 3");
    const { id } = await uplink.next("handshake-in");
    const second = await post(location, "another message 3");
    expect(second.headers.get("retry-after")).toBe("2");
    expect(await problemOf(second)).toEqual([429, "slow-down"]);
    uplink.send({ type: "handshake-out", id, outcome: "answer", body: bytes("message 4") });
    expect((await first).status).toBe(200);
  });

  it("may have a message of 4 KiB and its prefix, and is refused with 413 too-large above that", async () => {
    const uplink = await test.connect();
    const largest = start(new Uint8Array(4105));
    const { id, body } = await uplink.next("handshake-in");
    expect(body).toHaveLength(4105);
    uplink.send({ type: "handshake-out", id, outcome: "answer", body: bytes("message 2") });
    expect((await largest).status).toBe(200);
    expect(await problemOf(await start(new Uint8Array(4106)))).toEqual([413, "too-large"]);
  });

  it.each(["application/edhoc+cbor-seq", "application/cbor", "text/plain", "application/json"])(
    "is refused with 415 media-type as %s",
    async (type) => {
      const answer = await post(handshakesPath("test-hospital", KID), "x", type);
      expect(await problemOf(answer)).toEqual([415, "media-type"]);
    },
  );

  it.each([
    ["no key", "/v1/hospitals/test-hospital/handshakes"],
    ["a short key", "/v1/hospitals/test-hospital/handshakes?key=AQIDBAUGBw"],
    ["spare bits in the key", "/v1/hospitals/test-hospital/handshakes?key=AQIDBAUGBwh"],
    ["two keys", "/v1/hospitals/test-hospital/handshakes?key=AQIDBAUGBwg&key=AQIDBAUGBwg"],
    ["another parameter", "/v1/hospitals/test-hospital/handshakes?key=AQIDBAUGBwg&x=1"],
    ["no hospital-id", "/v1/hospitals/Test_Hospital/handshakes?key=AQIDBAUGBwg"],
  ])("is refused with 400 malformed with %s", async (_what, path) => {
    expect(await problemOf(await post(path, "x"))).toEqual([400, "malformed"]);
  });

  it("is refused with 400 malformed without a message", async () => {
    expect(await problemOf(await start(""))).toEqual([400, "malformed"]);
  });
});
