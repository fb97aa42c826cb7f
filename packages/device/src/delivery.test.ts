import type { Device, OutboxItem } from "@siphms/device";
import {
  createDeviceWorld,
  problem,
  respond,
  type DeviceWorld,
  type FakeFault,
} from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let world: DeviceWorld;
let device: Device;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
  stop = new AbortController();
  running = undefined;
  await world.enrolActive(device);
});

afterEach(async () => {
  stop.abort();
  if (running !== undefined) await world.resolve(running);
});

function run(): void {
  running = device.run({ signal: stop.signal });
}

async function record(value = 70): Promise<OutboxItem> {
  const [item] = await device.record([
    { kind: 1, start: device.now(), step: 0, values: [value], origin: 0 },
  ]);
  return item!;
}

/** Bends the first `times` envelopes. */
function bend(times: number, fault: FakeFault): void {
  world.gateway.intercept = ({ step }) => (step === "envelope" && times-- > 0 ? fault : undefined);
}

function sessions(): number {
  return world.events.filter(({ type }) => type === "session-opened").length;
}

function ends(): string[] {
  return world.events.flatMap((event) => (event.type === "session-ended" ? [event.reason] : []));
}

function stored(): string[] {
  return world.hospital.stored.map(({ messageId }) => messageId);
}

describe("delivery", () => {
  it("frees an item when its receipt comes as the answer to the post", async () => {
    await record();
    await world.resolve(device.run({ until: "drained" }));
    expect(stored()).toHaveLength(1);
    expect(device.items()).toEqual([]);
    expect(device.status().totals).toMatchObject({ recordedSamples: 1, receiptedSamples: 1 });
  });

  it("shows an item as at the gateway after 202, and frees it when the receipt comes by the mailbox", async () => {
    world.gateway.answersPosts = false;
    world.gateway.fillsMailbox = false;
    await record();
    run();
    await world.settle();
    expect(device.items()[0]?.state).toBe("at-gateway");
    expect(device.status().queue).toMatchObject({ queued: 0, atGateway: 1 });
    const { lastSession: session } = world.hospital;
    const answer = session.bySeq.get([...session.bySeq.keys()].at(-1)!)!.answer!;
    world.gateway.put(session.keys.sid, answer);
    await world.settle();
    expect(device.items()).toEqual([]);
  });

  it("keeps what is at the gateway shown as such after a restart, and sends it again under a new session", async () => {
    world.gateway.isHospitalAway = true;
    await record();
    run();
    await world.settle();
    stop.abort();
    await world.resolve(running!);
    world.gateway.isHospitalAway = false;
    device = await world.open();
    expect(device.items()[0]?.state).toBe("at-gateway");
    await world.resolve(device.run({ until: "drained" }));
    await world.gateway.hospitalReturns();
    expect(stored()).toHaveLength(1);
    expect(world.hospital.seqReuses).toBe(0);
  });

  it("sends several items at once, but no more than it was told", async () => {
    device = await world.open({ settings: { inFlight: 3 } });
    world.gateway.isHospitalAway = false;
    for (let i = 0; i < 10; i++) await record(60 + i);
    world.gateway.intercept = ({ step }) => (step === "envelope" ? respond(202) : undefined);
    const before = world.gateway.count("envelope");
    run();
    await world.settle();
    expect(world.gateway.count("envelope") - before).toBe(3);
  });

  it("delivers everything once, in whatever pieces it was recorded", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 40; i++) ids.push((await record(60 + i)).messageId.join());
    await world.resolve(device.run({ until: "drained" }));
    expect(new Set(stored()).size).toBe(40);
    expect(stored()).toHaveLength(40);
    expect(device.status().totals.receiptedItems).toBe(40);
  });

  it("delivers what is recorded while it runs", async () => {
    run();
    await world.settle();
    await record();
    await world.until(() => stored().length === 1);
    expect(device.items()).toEqual([]);
  });

  it("sends the same bytes again after a fault of the network, in the same session", async () => {
    await record();
    const bodies: string[] = [];
    let faults = 3;
    world.gateway.intercept = ({ step, request }) => {
      if (step !== "envelope") return undefined;
      bodies.push(request.body!.join());
      return faults-- > 0 ? { fault: "unreachable" } : undefined;
    };
    const before = sessions();
    await world.resolve(device.run({ until: "drained" }));
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies).size).toBe(1);
    expect(sessions()).toBe(before);
    expect(stored()).toHaveLength(1);
  });

  it("gets one receipt for one storing where the answer was lost", async () => {
    await record();
    bend(2, { fault: "answer-lost" });
    world.gateway.fillsMailbox = false;
    await world.resolve(device.run({ until: "drained" }));
    expect(stored()).toHaveLength(1);
    expect(device.items()).toEqual([]);
  });

  it("has its sealed bytes in the store before they are sent", async () => {
    const item = await record();
    const id = [...item.messageId].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    let names: readonly string[] = [];
    world.gateway.intercept = ({ step }) => {
      if (step === "envelope") void world.store.list("delivery/").then((found) => (names = found));
      return undefined;
    };
    await world.resolve(device.run({ until: "drained" }));
    expect(names).toContain(`delivery/${id}`);
  });

  it.each([
    ["pass-invalid", "pass-invalid"],
    ["session-unknown", "session-unknown"],
    ["session-expired", "session-expired"],
  ] as const)("begins a new session and seals again after %s", async (name, reason) => {
    await record();
    bend(1, problem(name));
    const before = sessions();
    await world.resolve(device.run({ until: "drained" }));
    expect(ends()).toContain(reason);
    expect(sessions()).toBe(before + 1);
    expect(stored()).toHaveLength(1);
    expect(world.hospital.seqReuses).toBe(0);
  });

  it("begins a new session after 20 seconds without an answer of the hospital", async () => {
    await record();
    bend(1, respond(202));
    const from = world.clock.monotonic();
    run();
    await world.until(() => ends().includes("no-answer"));
    expect(world.clock.monotonic() - from).toBe(20_000);
    await world.until(() => device.items().length === 0);
    expect(stored()).toHaveLength(1);
  });

  it("begins a new session after 20 seconds without an answer of the gateway", async () => {
    await record();
    bend(1, { fault: "timeout" });
    const from = world.clock.monotonic();
    run();
    await world.until(() => ends().includes("no-answer"));
    expect(world.clock.monotonic() - from).toBe(20_000);
    await world.until(() => device.items().length === 0);
  });

  it("does not take an answer that is no receipt for one: 20 seconds count from the post", async () => {
    await record();
    bend(1, respond(200, new Uint8Array(200)));
    run();
    await world.until(() => ends().includes("no-answer"));
    await world.until(() => device.items().length === 0);
  });

  it("seals once more under a new session after 204", async () => {
    await record();
    bend(1, respond(204));
    await world.resolve(device.run({ until: "drained" }));
    expect(ends()).toContain("hospital-no-answer");
    expect(stored()).toHaveLength(1);
    expect(device.items()).toEqual([]);
  });

  it("keeps and shows an item after the second 204, across a restart", async () => {
    const { messageId } = await record();
    world.hospital.behaviour.unreadable = () => true;
    await world.resolve(device.run({ until: "drained" }));
    expect(device.items()).toMatchObject([{ messageId, state: "kept", keptReason: "no-answer" }]);
    device = await world.open();
    expect(device.items()).toMatchObject([{ messageId, state: "kept", keptReason: "no-answer" }]);
    expect(device.status().queue).toMatchObject({ kept: 1, queued: 0, samples: 1 });
  });

  it("counts a 204 across a restart", async () => {
    await record();
    let envelopes = 0;
    world.gateway.intercept = ({ step }) => {
      if (step === "envelope" && envelopes++ === 0) return respond(204);
      return envelopes > 0 ? { fault: "unreachable" } : undefined;
    };
    run();
    await world.until(() => ends().includes("hospital-no-answer"));
    stop.abort();
    await world.resolve(running!);
    expect(device.items()[0]?.state).toBe("queued");
    bend(1, respond(204));
    device = await world.open();
    await world.resolve(device.run({ until: "drained" }));
    expect(device.items()[0]?.keptReason).toBe("no-answer");
  });

  it("sends a kept item again when it is told to", async () => {
    const { messageId } = await record();
    world.hospital.behaviour.unreadable = () => true;
    await world.resolve(device.run({ until: "drained" }));
    delete world.hospital.behaviour.unreadable;
    await device.requeue(messageId);
    expect(device.items()[0]?.state).toBe("queued");
    await world.resolve(device.run({ until: "drained" }));
    expect(device.items()).toEqual([]);
    expect(stored()).toHaveLength(1);
  });

  it("keeps and shows an item after 413, and goes on with the others", async () => {
    const first = await record();
    await record();
    const before = sessions();
    let isFirst = true;
    world.gateway.intercept = ({ step }) => {
      if (step !== "envelope" || !isFirst) return undefined;
      isFirst = false;
      return problem("too-large");
    };
    await world.resolve(device.run({ until: "drained" }));
    expect(device.items()).toMatchObject([
      { messageId: first.messageId, state: "kept", keptReason: "too-large" },
    ]);
    expect(stored()).toHaveLength(1);
    expect(sessions()).toBe(before);
  });

  it.each(["malformed", "media-type"] as const)(
    "keeps an item after %s, shows it, and tries again in the next session",
    async (name) => {
      await record();
      bend(1, problem(name));
      await world.resolve(device.run({ until: "drained" }));
      expect(device.items()[0]?.keptReason).toBe("gateway-refused");
      expect(device.status().lastError?.code).toBe("GATEWAY_REFUSED");
      world.gateway.intercept = () => undefined;
      device = await world.open();
      expect(device.items()[0]?.state).toBe("kept");
      run();
      await world.until(() => device.items().length === 0);
      expect(stored()).toHaveLength(1);
    },
  );

  it.each([
    ["slow-down", "SLOW_DOWN"],
    ["queue-full", "QUEUE_FULL"],
    ["hospital-away", "HOSPITAL_AWAY"],
  ] as const)("waits as long as %s says, and keeps the item queued", async (name, code) => {
    await record();
    bend(4, problem(name, 90));
    const before = sessions();
    run();
    await world.until(() => device.status().lastError?.code === code);
    expect(device.status().connection).toBe("waiting");
    expect(device.items()[0]?.state).toBe("sealed");
    const asked = world.gateway.lines.length;
    await world.pass(80_000);
    expect(world.gateway.lines.filter(({ step }) => step === "envelope").length).toBe(
      world.gateway.lines.slice(0, asked).filter(({ step }) => step === "envelope").length,
    );
    await world.until(() => device.items().length === 0);
    expect(sessions()).toBe(before);
  });

  it("waits longer each time the network fails, and never gives up", async () => {
    await record();
    world.gateway.intercept = () => ({ fault: "unreachable" });
    run();
    await world.pass(6 * 60 * 60_000);
    const times = world.gateway.lines.map(({ at }) => at);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(300_000);
    expect(times.length).toBeLessThan(400);
    world.gateway.intercept = () => undefined;
    await world.until(() => device.items().length === 0);
    expect(stored()).toHaveLength(1);
  });

  it("ends a wait when it is told that the network is back", async () => {
    await record();
    world.gateway.intercept = () => ({ fault: "unreachable" });
    run();
    await world.pass(60 * 60_000);
    world.gateway.intercept = () => undefined;
    const at = world.clock.monotonic();
    device.retryNow();
    await world.settle();
    expect(device.items()).toEqual([]);
    expect(world.clock.monotonic()).toBe(at);
  });

  it("does not ask a gateway for session after session that refuses each", async () => {
    await record();
    world.gateway.intercept = ({ step }) =>
      step === "envelope" || step === "mailbox" ? problem("pass-invalid") : undefined;
    run();
    await world.pass(60 * 60_000);
    expect(world.gateway.count("message-1")).toBeLessThan(40);
    expect(device.items()).toHaveLength(1);
  });

  it("loses nothing while the hospital is away for a day", async () => {
    world.gateway.isHospitalAway = true;
    run();
    for (let hour = 0; hour < 24; hour++) {
      await record(60 + hour);
      await world.pass(60 * 60_000);
    }
    expect(device.status().totals.receiptedItems).toBe(0);
    await world.gateway.hospitalReturns();
    await world.until(() => device.items().length === 0);
    expect(new Set(stored()).size).toBe(24);
    expect(world.hospital.seqReuses).toBe(0);
  });

  it("does nothing where nothing is left to deliver", async () => {
    const before = world.gateway.lines.length;
    device = await world.open();
    await world.resolve(device.run({ until: "drained" }));
    expect(world.gateway.lines).toHaveLength(before);
  });

  it("does not run twice at once", async () => {
    run();
    await expect(device.run()).rejects.toBeInstanceOf(RangeError);
  });

  it("stops at once when it is told to, with the item still there", async () => {
    await record();
    bend(1, { fault: "timeout" });
    run();
    await world.settle();
    const at = world.clock.monotonic();
    stop.abort();
    await world.settle();
    await running;
    expect(world.clock.monotonic()).toBe(at);
    expect(device.items()).toHaveLength(1);
    expect(device.status().connection).toBe("stopped");
  });

  it("goes on in the same session with the same bytes after it was stopped and started", async () => {
    await record();
    const bodies: string[] = [];
    world.gateway.intercept = ({ step, request }) => {
      if (step !== "envelope") return undefined;
      bodies.push(request.body!.join());
      return bodies.length === 1 ? { fault: "timeout" } : undefined;
    };
    run();
    await world.settle();
    stop.abort();
    await world.resolve(running!);
    stop = new AbortController();
    await world.resolve(device.run({ until: "drained" }));
    expect(bodies).toHaveLength(2);
    expect(new Set(bodies).size).toBe(1);
  });
});
