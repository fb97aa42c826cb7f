import type { Device } from "@siphms/device";
import { createMessageId, encodeResponse, METHODS, TYP } from "@siphms/messages";
import { createDeviceWorld, problem, respond, type DeviceWorld } from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let world: DeviceWorld;
let device: Device;
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
  await world.enrolActive(device);
  stop = new AbortController();
  running = device.run({ signal: stop.signal });
  await world.settle();
});

afterEach(async () => {
  stop.abort();
  await world.resolve(running);
});

function asked(method: string): number {
  return world.hospital.requests.filter((request) => request.method === method).length;
}

describe("a request", () => {
  it("brings the patient's data", async () => {
    expect(await world.resolve(device.profile())).toEqual({
      patientId: "P-1",
      name: "Invented Patient",
      age: 70,
      problem: "none",
      doctor: "Dr. Invented",
    });
  });

  it("brings stored readings", async () => {
    expect(await world.resolve(device.history({ from: 0, to: 1 }))).toEqual({ series: [] });
  });

  it("brings the patient's devices", async () => {
    const devices = [
      { kid: new Uint8Array(8).fill(1), name: "old phone", state: "revoked", enrolled: 5 },
      { kid: new Uint8Array(8), name: "", state: "active", enrolled: 7, lastSeen: 9 },
    ];
    world.hospital.behaviour.respond = () => ({
      error: 0,
      result: METHODS.devices.result.encode({ devices }),
    });
    expect(await world.resolve(device.devices())).toEqual(devices);
  });

  it("takes another device of the patient away", async () => {
    const kid = new Uint8Array(8).fill(3);
    world.hospital.behaviour.respond = () => ({ error: 0, result: new Map() });
    await world.resolve(device.revokeDevice(kid));
    const { method, parameters } = world.hospital.requests.at(-1)!;
    expect([method, parameters]).toEqual(["revoke-device", new Map([[1, kid]])]);
  });

  it.each(["refused", "stale", "unknown-method"] as const)(
    "says that a device was not taken away where the hospital answers %s",
    async (error) => {
      world.hospital.behaviour.respond = () => ({ error, result: new Map() });
      const kid = new Uint8Array(8);
      await expect(world.resolve(device.revokeDevice(kid))).rejects.toMatchObject({
        code: "REQUEST_REFUSED",
        hospitalError: error,
      });
    },
  );

  it.each([0, 7, 9])("takes a kid of %d bytes for the caller's mistake", async (length) => {
    const before = asked("revoke-device");
    await expect(device.revokeDevice(new Uint8Array(length))).rejects.toThrow(RangeError);
    expect(asked("revoke-device")).toBe(before);
  });

  it.each([
    ["a list that is none", new Map([[1, 5]])],
    ["no list", new Map()],
    ["a device without a state", new Map([[1, [new Map([[1, new Uint8Array(8)]])]]])],
  ])("throws where the answer about devices holds %s", async (_what, result) => {
    world.hospital.behaviour.respond = () => ({ error: 0, result });
    await expect(world.resolve(device.devices())).rejects.toMatchObject({
      code: "RESPONSE_MALFORMED",
    });
  });

  it("gets its own response, however many wait", async () => {
    world.hospital.behaviour.respond = ({ parameters }) => ({ error: 0, result: parameters });
    const answers = await world.resolve(
      Promise.all(Array.from({ length: 12 }, (_, i) => device.request("echo", new Map([[1, i]])))),
    );
    expect(answers.map((answer) => answer.get(1))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("throws with the hospital's error", async () => {
    await expect(world.resolve(device.request("no-such-thing", new Map()))).rejects.toMatchObject({
      code: "REQUEST_REFUSED",
      hospitalError: "unknown-method",
    });
  });

  it("throws when the result is not of the method's form", async () => {
    world.hospital.behaviour.respond = () => ({ error: 0, result: new Map([[1, 5]]) });
    await expect(world.resolve(device.profile())).rejects.toMatchObject({
      code: "RESPONSE_MALFORMED",
    });
  });

  it("is sealed again in a new session, under the same id", async () => {
    let times = 1;
    world.gateway.intercept = ({ step }) =>
      step === "envelope" && times-- > 0 ? problem("session-unknown") : undefined;
    await world.resolve(device.profile());
    expect(asked("profile")).toBe(1);
    expect(world.events).toContainEqual({ type: "session-ended", reason: "session-unknown" });
  });

  it("is carried out once where its answer was lost", async () => {
    let times = 1;
    world.gateway.fillsMailbox = false;
    world.gateway.intercept = ({ step }) =>
      step === "envelope" && times-- > 0 ? { fault: "answer-lost" } : undefined;
    await world.resolve(device.profile());
    expect(asked("profile")).toBe(1);
  });

  it("is carried out once where the hospital answered a session that is gone", async () => {
    let times = 1;
    world.gateway.fillsMailbox = false;
    world.gateway.intercept = ({ step, request }) => {
      if (step !== "envelope" || times-- <= 0) return undefined;
      void world.hospital.takeEnvelope(world.hospital.lastSession.keys.sid, request.body!);
      return problem("session-unknown");
    };
    await world.resolve(device.profile());
    expect(asked("profile")).toBe(1);
  });

  it("throws after its time, and is then asked no more", async () => {
    world.gateway.intercept = () => ({ fault: "unreachable" });
    const from = world.clock.monotonic();
    await expect(world.resolve(device.profile({ timeoutMs: 5_000 }))).rejects.toMatchObject({
      code: "REQUEST_UNANSWERED",
    });
    expect(world.clock.monotonic() - from).toBe(5_000);
    world.gateway.intercept = () => undefined;
    await world.pass(600_000);
    expect(asked("profile")).toBe(0);
  });

  it("throws after the hospital could not read it twice", async () => {
    world.hospital.behaviour.unreadable = () => true;
    const from = world.clock.monotonic();
    await expect(world.resolve(device.profile())).rejects.toMatchObject({
      code: "REQUEST_UNANSWERED",
    });
    expect(world.clock.monotonic() - from).toBeLessThan(5_000);
  });

  it.each([
    ["too large", problem("too-large")],
    ["malformed", problem("malformed")],
  ])("throws where the gateway calls it %s", async (_what, answer) => {
    world.gateway.intercept = ({ step }) => (step === "envelope" ? answer : undefined);
    await expect(world.resolve(device.profile())).rejects.toMatchObject({
      code: "GATEWAY_REFUSED",
    });
  });

  it("ends when the caller aborts, and is then asked no more", async () => {
    const abort = new AbortController();
    world.gateway.intercept = () => ({ fault: "unreachable" });
    const asking = device.profile({ signal: abort.signal });
    await world.settle();
    abort.abort();
    await expect(asking).rejects.toMatchObject({ code: "ABORTED" });
    world.gateway.intercept = () => undefined;
    await world.pass(600_000);
    expect(asked("profile")).toBe(0);
  });

  it("is not begun when the caller has aborted already", async () => {
    const signal = AbortSignal.abort();
    await expect(device.profile({ signal })).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("cannot be made by a device that is not enrolled", async () => {
    const { createUnsafeMemoryStore } = await import("@siphms/device");
    const other = await world.open({ store: createUnsafeMemoryStore() });
    await expect(other.profile()).rejects.toMatchObject({ code: "NOT_ENROLLED" });
  });
});

describe("a response", () => {
  it("to nobody's request changes nothing", async () => {
    const requestId = createMessageId(world.clock.now(), world.crypto);
    const payload = encodeResponse({ requestId, error: 0, result: new Map() });
    const { lastSession: session } = world.hospital;
    world.gateway.put(
      session.keys.sid,
      await world.hospital.seal(session, { typ: TYP.response, payload }),
    );
    await world.settle();
    expect(world.events.filter(({ type }) => type === "alarm")).toEqual([]);
    expect(device.status().connection).toBe("open");
  });

  it("to another request does not answer this one", async () => {
    world.gateway.intercept = ({ step }) => (step === "envelope" ? respond(202) : undefined);
    const asking = device.profile({ timeoutMs: 10_000 });
    await world.settle();
    const requestId = createMessageId(world.clock.now(), world.crypto);
    const payload = encodeResponse({ requestId, error: 0, result: new Map() });
    const { lastSession: session } = world.hospital;
    world.gateway.put(
      session.keys.sid,
      await world.hospital.seal(session, { typ: TYP.response, payload }),
    );
    await expect(world.resolve(asking)).rejects.toMatchObject({ code: "REQUEST_UNANSWERED" });
  });

  it("signed by another key does not answer a request", async () => {
    const key = await world.hospital.createKey();
    const real = world.hospital.takeEnvelope.bind(world.hospital);
    world.hospital.takeEnvelope = async (sid, bytes) => {
      await real(sid, bytes);
      const requestId = world.hospital.requests.at(-1)!.messageId;
      const payload = encodeResponse({ requestId, error: 0, result: new Map() });
      return world.hospital.seal(
        world.hospital.session(sid),
        { typ: TYP.response, payload },
        { key },
      );
    };
    await expect(world.resolve(device.profile({ timeoutMs: 10_000 }))).rejects.toMatchObject({
      code: "REQUEST_UNANSWERED",
    });
    expect(world.events).toContainEqual({ type: "alarm", alarm: "unverifiable-message" });
  });
});
