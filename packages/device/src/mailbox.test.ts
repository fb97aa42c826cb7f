import type { Device } from "@siphms/device";
import { encodeMailbox } from "@siphms/relay";
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
});

afterEach(async () => {
  stop.abort();
  await world.resolve(running);
});

function run(): void {
  running = device.run({ signal: stop.signal });
}

async function record(): Promise<void> {
  await device.record([{ kind: 1, start: device.now(), step: 0, values: [70], origin: 0 }]);
}

function polls(): URL[] {
  return world.gateway.lines
    .filter(({ step }) => step === "mailbox")
    .map(({ request }) => new URL(request.url));
}

/** Bends the mailbox `times` times from now on. */
function bend(times: number, answer: ReturnType<typeof respond>): void {
  world.gateway.intercept = ({ step }) => (step === "mailbox" && times-- > 0 ? answer : undefined);
}

describe("the mailbox", () => {
  it("is asked first without a cursor, then with the last one", async () => {
    device = await world.open();
    const before = polls().length;
    world.gateway.answersPosts = false;
    run();
    await record();
    await world.settle();
    await record();
    await world.settle();
    const cursors = polls()
      .slice(before)
      .map((url) => url.searchParams.get("after"));
    expect(cursors[0]).toBeNull();
    expect(cursors.slice(1)).toEqual(["c1", "c2"]);
  });

  it("is acknowledged only after what it brought is durable", async () => {
    world.gateway.answersPosts = false;
    run();
    await record();
    await world.settle();
    const { sid } = world.hospital.lastSession.keys;
    expect(device.items()).toEqual([]);
    expect(world.gateway.acknowledged(sid)).toBeGreaterThan(0);
  });

  it("is acknowledged also for what could not be read, or it would come for ever", async () => {
    run();
    await world.settle();
    const { sid } = world.hospital.lastSession.keys;
    world.gateway.put(sid, new Uint8Array(100).fill(7));
    await world.settle();
    await world.pass(30_000);
    const acknowledged = world.gateway.acknowledged(sid);
    world.gateway.put(sid, new Uint8Array(100).fill(8));
    await world.pass(30_000);
    expect(world.gateway.acknowledged(sid)).toBe(acknowledged + 1);
  });

  it("is not asked in a frenzy where the gateway never waits", async () => {
    bend(1e9, respond(204));
    const before = polls().length;
    run();
    await world.pass(60_000);
    expect(polls().length - before).toBeLessThanOrEqual(61);
  });

  it("is not asked in a frenzy where the gateway repeats itself", async () => {
    bend(
      1e9,
      respond(200, new Uint8Array([0x41, 0x00]), {
        "content-type": "application/cbor-seq",
        "siphms-cursor": "c0",
      }),
    );
    const before = polls().length;
    run();
    await world.pass(60_000);
    expect(polls().length - before).toBeLessThanOrEqual(61);
  });

  it("is not asked in a frenzy where the gateway repeats a good answer", async () => {
    run();
    await record();
    await world.settle();
    const { keys, bySeq } = world.hospital.lastSession;
    const { answer } = [...bySeq.values()].at(-1)!;
    const before = polls().length;
    for (let i = 0; i < 500; i++) world.gateway.put(keys.sid, answer!);
    bend(
      1e9,
      respond(200, encodeMailbox([answer!]), {
        "content-type": "application/cbor-seq",
        "siphms-cursor": "c0",
      }),
    );
    await world.pass(60_000);
    expect(polls().length - before).toBeLessThanOrEqual(62);
    expect(device.status().totals.receiptedItems).toBe(1);
  });

  it.each([
    ["no cursor", respond(200, new Uint8Array([0x41, 0x00]))],
    [
      "a cursor of other characters",
      respond(200, new Uint8Array([0x41, 0]), { "siphms-cursor": "a b" }),
    ],
    ["a body that is no sequence", respond(200, new Uint8Array([0xff]), { "siphms-cursor": "c1" })],
    ["a status of 500", respond(500)],
    ["a status of 400", problem("malformed")],
    ["slow-down", problem("slow-down", 3)],
  ])("is asked again later after %s", async (_what, answer) => {
    bend(3, answer);
    world.gateway.answersPosts = false;
    run();
    await record();
    await world.until(() => device.items().length === 0);
    expect(world.hospital.stored).toHaveLength(1);
  });

  it.each(["pass-invalid", "session-unknown", "session-expired"] as const)(
    "leads to a new session after %s",
    async (name) => {
      bend(1, problem(name));
      run();
      await world.settle();
      expect(world.events).toContainEqual({ type: "session-ended", reason: name });
      await world.until(() => device.status().connection === "open");
    },
  );

  it("survives a fault of the network", async () => {
    let faults = 5;
    world.gateway.answersPosts = false;
    world.gateway.intercept = ({ step }) =>
      step === "mailbox" && faults-- > 0 ? { fault: "unreachable" } : undefined;
    const sessions = world.hospital.sessions.size;
    run();
    await record();
    await world.until(() => device.items().length === 0);
    expect(world.hospital.sessions.size).toBeGreaterThanOrEqual(sessions);
  });

  it("is left at once when the run ends", async () => {
    run();
    await world.settle();
    const at = world.clock.monotonic();
    stop.abort();
    await world.settle();
    await running;
    expect(world.clock.monotonic()).toBe(at);
  });
});
