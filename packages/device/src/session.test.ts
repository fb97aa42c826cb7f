import type { Device } from "@siphms/device";
import {
  createDeviceWorld,
  problem,
  respond,
  WORLD_STORE_KEY,
  type DeviceWorld,
} from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const HOUR_MS = 60 * 60_000;
const EDHOC_ERROR = respond(400, new Uint8Array([1, 0x60]), {
  "content-type": "application/edhoc+cbor-seq",
});

let world: DeviceWorld;
let device: Device;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
  await world.enrolActive(device);
  device = await world.open();
  stop = new AbortController();
  running = undefined;
});

afterEach(async () => {
  stop.abort();
  if (running !== undefined) await world.resolve(running);
});

function run(): void {
  running = device.run({ signal: stop.signal });
}

async function record(): Promise<void> {
  await device.record([{ kind: 1, start: device.now(), step: 0, values: [70], origin: 0 }]);
}

function handshakeTimes(): number[] {
  return world.gateway.lines.filter(({ step }) => step === "message-1").map(({ at }) => at);
}

describe("a session", () => {
  it("is begun anew by each process, since keys are in memory alone", async () => {
    const before = world.hospital.sessions.size;
    run();
    await world.settle();
    expect(world.hospital.sessions.size).toBe(before + 1);
  });

  it("is renewed before it expires, and nothing is lost in between", async () => {
    world.hospital.behaviour.sessionMs = HOUR_MS;
    run();
    await world.settle();
    const { lastSession: first } = world.hospital;
    for (let minute = 0; minute < 90; minute += 3) {
      await record();
      await world.pass(3 * 60_000);
    }
    await world.until(() => device.items().length === 0);
    expect(world.hospital.lastSession).not.toBe(first);
    expect(world.events).toContainEqual({ type: "session-ended", reason: "renewal" });
    expect(world.hospital.stored).toHaveLength(30);
    expect(new Set(world.hospital.stored.map(({ messageId }) => messageId)).size).toBe(30);
  });

  it("seals nothing after it has expired, even if the phone slept through the renewal", async () => {
    world.hospital.behaviour.sessionMs = HOUR_MS;
    run();
    await world.settle();
    const { lastSession: first } = world.hospital;
    const used = first.bySeq.size;
    // The wall clock went on while timers and the monotonic clock stood still.
    world.clock.skewWall(2 * HOUR_MS);
    await record();
    await world.until(() => world.hospital.stored.length === 1);
    expect(first.bySeq.size).toBe(used);
    expect(world.events).toContainEqual({ type: "session-ended", reason: "session-expired" });
  });

  it.each([
    ["ahead", 20 * 60_000],
    ["back", -20 * 60_000],
  ])(
    "ends when the wall clock is set %s, since it compared the hospital's with it",
    async (_, ms) => {
      run();
      await world.settle();
      const { lastSession: first } = world.hospital;
      world.clock.skewWall(ms);
      // The mailbox's next answer is a good moment to look at the clocks.
      await world.pass(HOUR_MS / 60);
      expect(world.hospital.lastSession).not.toBe(first);
      expect(world.events).toContainEqual({ type: "session-ended", reason: "renewal" });
      expect(device.now()).toBe(world.clock.now());
    },
  );

  it("outlives clocks that drift apart by seconds", async () => {
    run();
    await world.settle();
    const { lastSession: first } = world.hospital;
    world.clock.skewWall(40_000);
    await record();
    await world.until(() => world.hospital.stored.length === 1);
    expect(world.hospital.lastSession).toBe(first);
  });

  it("uses a connection label of its own for each session", async () => {
    run();
    await world.settle();
    stop.abort();
    await world.resolve(running!);
    running = undefined;
    device = await world.open();
    await record();
    await world.resolve(device.run({ until: "drained" }));
    const labels = new Map<string, Set<string>>();
    for (const { request, step } of world.gateway.lines) {
      if (step !== "envelope" && step !== "mailbox") continue;
      const sid = new URL(request.url).pathname.split("/")[3]!;
      labels.set(sid, (labels.get(sid) ?? new Set()).add(request.connection));
    }
    expect([...labels.values()].every((set) => set.size === 1)).toBe(true);
    expect(new Set([...labels.values()].flatMap((set) => [...set])).size).toBe(labels.size);
  });

  it("in which the hospital calls the binding pending carries no readings", async () => {
    world.hospital.behaviour.grant = (grant) => ({ ...grant, binding: 0 });
    await record();
    run();
    await world.pass(10 * 60_000);
    expect(world.hospital.stored).toEqual([]);
    expect(device.items()).toHaveLength(1);
    expect(device.status().state).toBe("active");
  });

  it.each([
    ["has expired already", { expires: 1 }],
    ["was made for a day that lies before the session", { expires: Date.UTC(2020, 0, 1) }],
  ])("is not begun with a grant that %s", async (_what, change) => {
    world.hospital.behaviour.grant = (grant) => ({ ...grant, ...change });
    run();
    await world.settle();
    expect(device.status().lastError?.code).toBe("HANDSHAKE_FAILED");
    expect(world.gateway.count("mailbox")).toBe(handshakesBefore());
  });

  function handshakesBefore(): number {
    return world.gateway.lines.filter(({ step, at }) => step === "mailbox" && at === 0).length;
  }
});

describe("message_4", () => {
  it("counts within 10 seconds of the first sending of message_3", async () => {
    world.gateway.intercept = ({ step }) =>
      step === "message-3" ? { fault: "delay", ms: 9_999 } : undefined;
    run();
    await world.until(() => device.status().connection === "open");
    expect(device.status().lastError).toBeUndefined();
  });

  it("gives no session and no clock after more than 10 seconds", async () => {
    let delays = 1;
    world.gateway.intercept = ({ step }) =>
      step === "message-3" && delays-- > 0 ? { fault: "delay", ms: 10_001 } : undefined;
    const before = device.now() - world.clock.now();
    world.hospital.behaviour.grant = (grant) => ({
      ...grant,
      now: grant.now - 60_000,
    });
    run();
    await world.until(() => device.status().lastError !== undefined);
    expect(device.status().lastError?.code).toBe("HANDSHAKE_TOO_SLOW");
    expect(device.now() - world.clock.now()).toBe(before);
    expect(device.status().connection).toBe("waiting");
  });

  it("is not waited for any longer than those 10 seconds", async () => {
    world.gateway.intercept = ({ step }) =>
      step === "message-3" ? { fault: "timeout" } : undefined;
    const from = world.clock.monotonic();
    run();
    await world.until(() => device.status().lastError !== undefined);
    expect(device.status().lastError?.code).toBe("HANDSHAKE_TOO_SLOW");
    expect(world.clock.monotonic() - from).toBe(10_000);
  });

  it("gives no session after 10 seconds even where the platform cannot abort a request", async () => {
    const { openDevice } = await import("@siphms/device");
    const slow = await openDevice(
      {
        ...world.ports,
        http: async (request) => {
          const { method, url, headers, body, timeoutMs, connection } = request;
          const deaf = { method, url, headers, timeoutMs, connection, ...(body && { body }) };
          const answer = await world.gateway.http(deaf);
          if (request.url.includes("/v1/handshakes/")) await world.clock.sleep(10_001);
          return answer;
        },
      },
      { storeKey: WORLD_STORE_KEY },
    );
    running = slow.run({ signal: stop.signal });
    await world.settle();
    await world.clock.advance(10_001);
    await world.settle();
    expect(slow.status().lastError?.code).toBe("HANDSHAKE_TOO_SLOW");
  });

  it("is asked for again with the same message_3 after a fault of the network", async () => {
    let faults = 3;
    const bodies: string[] = [];
    world.gateway.intercept = ({ step, request }) => {
      if (step !== "message-3") return undefined;
      bodies.push(request.body!.join());
      return faults-- > 0 ? { fault: "unreachable" } : undefined;
    };
    run();
    await world.until(() => device.status().connection === "open");
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies).size).toBe(1);
  });

  it("counts from the first sending of message_3, not from the last", async () => {
    world.gateway.intercept = ({ step }) =>
      step === "message-3" ? { fault: "unreachable" } : undefined;
    run();
    await world.until(() => device.status().lastError !== undefined);
    expect(device.status().lastError?.code).toBe("HANDSHAKE_TOO_SLOW");
    expect(world.clock.monotonic()).toBeLessThanOrEqual(10_000);
  });
});

describe("a handshake that a gateway started anew does not know any more", () => {
  it("is begun again within a second: nobody refused the device", async () => {
    await record();
    const before = handshakeTimes().length;
    let times = 1;
    world.gateway.intercept = ({ step }) =>
      step === "message-3" && times-- > 0 ? problem("session-unknown") : undefined;
    run();
    await world.settle();
    expect(device.status()).toMatchObject({ lastError: { code: "GATEWAY_FAILED" } });
    await world.pass(1_000);
    expect(handshakeTimes()).toHaveLength(before + 2);
    expect(device.items()).toEqual([]);
  });

  it("costs more patience each time", async () => {
    world.gateway.intercept = ({ step }) =>
      step === "message-3" ? problem("session-unknown") : undefined;
    const before = handshakeTimes().length;
    run();
    await world.pass(60_000);
    expect(handshakeTimes().length - before).toBeLessThan(10);
    expect(device.status().needsAttention).toBe(false);
  });
});

describe("refused handshakes", () => {
  it("are tried again after 1, 5 and 30 minutes, then shown, and never cost key or queue", async () => {
    await record();
    const kid = device.status().device?.kid;
    const from = world.clock.monotonic();
    const before = handshakeTimes().length;
    world.gateway.intercept = ({ step }) => (step === "message-3" ? EDHOC_ERROR : undefined);
    run();
    await world.pass(35 * 60_000);
    expect(device.status().needsAttention).toBe(false);
    await world.pass(2 * 60_000);
    expect(
      handshakeTimes()
        .slice(before)
        .map((at) => (at - from) / 60_000),
    ).toEqual([0, 1, 6, 36]);
    expect(device.status()).toMatchObject({
      needsAttention: true,
      lastError: { code: "HANDSHAKE_REFUSED" },
      state: "active",
    });
    expect(device.status().device?.kid).toEqual(kid);
    expect(device.items()).toHaveLength(1);
  });

  it("are forgotten once a session is opened", async () => {
    await record();
    world.gateway.intercept = ({ step }) => (step === "message-3" ? EDHOC_ERROR : undefined);
    run();
    await world.pass(40 * 60_000);
    expect(device.status().needsAttention).toBe(true);
    world.gateway.intercept = () => undefined;
    await world.until(() => device.items().length === 0);
    expect(device.status().needsAttention).toBe(false);
  });

  it("tell when the next try begins", async () => {
    world.gateway.intercept = ({ step }) => (step === "message-3" ? EDHOC_ERROR : undefined);
    run();
    await world.settle();
    expect(device.status()).toMatchObject({
      connection: "waiting",
      nextTryAt: world.clock.now() + 60_000,
    });
    expect(world.events).toContainEqual({
      type: "problem",
      code: "HANDSHAKE_REFUSED",
      needsAttention: false,
      nextTryAt: world.clock.now() + 60_000,
    });
  });

  it("are what a revoked device sees, and nothing else", async () => {
    for (const binding of world.hospital.bindings.values()) binding.state = "revoked";
    await record();
    run();
    await world.settle();
    expect(device.status().lastError?.code).toBe("HANDSHAKE_REFUSED");
    expect(device.items()).toHaveLength(1);
  });

  it("are what a device sees whose hospital key another answers for", async () => {
    const real = world.hospital.takeMessage1.bind(world.hospital);
    await world.hospital.rotate();
    world.hospital.retireOldKeys();
    world.hospital.takeMessage1 = (_kid, handle, body) =>
      real(world.hospital.key.credential.kid, handle, body);
    await record();
    run();
    await world.settle();
    expect(device.status().lastError?.code).toBe("HOSPITAL_KEY_MISMATCH");
    expect(device.status().hospital?.kid).not.toEqual(world.hospital.key.credential.kid);
    expect(world.hospital.stored).toEqual([]);
  });

  it("wait as long as Retry-After says where the hospital is away", async () => {
    world.gateway.isHospitalAway = true;
    const before = handshakeTimes().length;
    const from = world.clock.monotonic();
    run();
    await world.pass(6_000);
    const [first, second] = handshakeTimes().slice(before);
    expect(first).toBe(from);
    expect(second! - first!).toBeGreaterThanOrEqual(5_000);
    expect(second! - first!).toBeLessThanOrEqual(5_500);
  });
});

describe("a device that was restored from an old copy", () => {
  it("begins a new session, and nothing is sealed twice under one number", async () => {
    const copy = new Map<string, Uint8Array<ArrayBuffer>>();
    await record();
    await record();
    for (const name of await world.store.list("")) copy.set(name, (await world.store.get(name))!);
    await world.resolve(device.run({ until: "drained" }));
    expect(world.hospital.stored).toHaveLength(2);

    for (const name of await world.store.list("")) await world.store.delete(name);
    for (const [name, bytes] of copy) await world.store.put(name, bytes);
    device = await world.open();
    expect(device.items()).toHaveLength(2);
    await world.resolve(device.run({ until: "drained" }));
    expect(device.items()).toEqual([]);
    expect(world.hospital.stored).toHaveLength(2);
    expect(world.hospital.seqReuses).toBe(0);
  });

  it("and its original do each other no harm", async () => {
    const { createUnsafeMemoryStore } = await import("@siphms/device");
    await record();
    const twin = createUnsafeMemoryStore();
    for (const name of await world.store.list("")) {
      await twin.put(name, (await world.store.get(name))!);
    }
    const other = await world.open({ store: twin });
    await world.resolve(
      Promise.all([device.run({ until: "drained" }), other.run({ until: "drained" })]),
    );
    expect(world.hospital.stored).toHaveLength(1);
    expect(world.hospital.seqReuses).toBe(0);
    expect([...device.items(), ...other.items()]).toEqual([]);
  });
});
