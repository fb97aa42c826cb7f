import type { Device } from "@siphms/device";
import { createMessageId, encodeNotice, TYP, verifySigned } from "@siphms/messages";
import {
  createDeviceWorld,
  type DeviceWorld,
  type FakeBinding,
  type FakeHospitalKey,
} from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const DAY_MS = 24 * 60 * 60_000;
/** Longer than the pause after an answer of the mailbox that brought nothing new. */
const POLL_MS = 1_500;

let world: DeviceWorld;
let device: Device;
let binding: FakeBinding;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
  await world.enrolActive(device);
  binding = [...world.hospital.bindings.values()][0]!;
  await start();
});

afterEach(halt);

async function start(): Promise<void> {
  stop = new AbortController();
  running = device.run({ signal: stop.signal });
  await world.settle();
}

async function halt(): Promise<void> {
  stop.abort();
  if (running !== undefined) await world.resolve(running);
  running = undefined;
}

async function restart(): Promise<void> {
  await halt();
  device = await world.open();
  await start();
}

function seen(): unknown[] {
  return world.hospital.requests
    .filter(({ method }) => method === "seen")
    .flatMap(({ parameters }) => parameters.get(1));
}

describe("a rotation of the hospital's key", () => {
  let oldKey: FakeHospitalKey;

  beforeEach(() => {
    oldKey = world.hospital.key;
  });

  async function announce(
    key: FakeHospitalKey,
    validUntil = world.clock.now() + 90 * DAY_MS,
  ): Promise<void> {
    const body = new Map<number, Uint8Array<ArrayBuffer> | number>([
      [1, key.credential.bytes],
      [2, validUntil],
    ]);
    await world.hospital.notify(binding, "key-rotation", body);
    await world.pass(POLL_MS);
  }

  function pinned(): unknown {
    return device.status().hospital?.kid;
  }

  async function record(): Promise<void> {
    await device.record([{ kind: 1, start: device.now(), step: 0, values: [70], origin: 0 }]);
  }

  it("pins the new key, durably, and uses it from the next session", async () => {
    const key = await world.hospital.rotate();
    await announce(key);
    expect(pinned()).toEqual(key.credential.kid);
    await record();
    await world.until(() => world.hospital.stored.length === 1);
    expect(world.hospital.lastSession.hospitalKey).toBe(oldKey);
    // Within a session both sides use the key of that session.
    const sender = { ...binding.credential, key: binding.key };
    const { signed } = world.hospital.stored[0]!;
    const recipientThumbprint = oldKey.credential.thumbprint;
    const input = { signed, sender, recipientThumbprint };
    await expect(verifySigned(input, world.crypto)).resolves.toBeDefined();
    await restart();
    expect(pinned()).toEqual(key.credential.kid);
    expect(world.hospital.lastSession.hospitalKey).toBe(key);
  });

  it("tells the caller and, as seen, the hospital", async () => {
    const key = await world.hospital.rotate();
    const before = seen().length;
    await announce(key, 5_000_000_000_000);
    expect(world.events).toContainEqual({
      type: "hospital-key-rotated",
      kid: key.credential.kid,
      oldValidUntil: 5_000_000_000_000,
    });
    expect(seen()).toHaveLength(before + 1);
    expect(device.notices()).toEqual([]);
  });

  it("does not count in a session of a key that is pinned no more", async () => {
    const second = await world.hospital.rotate();
    await announce(second);
    const third = await world.hospital.rotate();
    await announce(third);
    expect(pinned()).toEqual(second.credential.kid);
  });

  it("counts when the same notice comes again in a session of the pinned key", async () => {
    const second = await world.hospital.rotate();
    await announce(second);
    const third = await world.hospital.createKey();
    await announce(third);
    await restart();
    expect(world.hospital.lastSession.hospitalKey).toBe(second);
    await announce(third);
    expect(pinned()).toEqual(third.credential.kid);
  });

  it("never goes back to a key that was pinned before", async () => {
    const second = await world.hospital.rotate();
    await announce(second);
    await restart();
    await announce(oldKey);
    expect(pinned()).toEqual(second.credential.kid);
  });

  it("announced in an earlier session is not believed again when a gateway brings it back", async () => {
    const second = await world.hospital.rotate();
    const recorded = world.hospital.lastSession;
    const envelopes: Uint8Array<ArrayBuffer>[] = [];
    const { deliver } = world.hospital;
    world.hospital.deliver = (sid, envelope) => {
      envelopes.push(envelope);
      deliver(sid, envelope);
    };
    await announce(second);
    await restart();
    const third = await world.hospital.rotate();
    await announce(third);
    await restart();
    const rotations = world.events.filter(({ type }) => type === "hospital-key-rotated").length;
    expect([pinned(), rotations]).toEqual([third.credential.kid, 2]);
    for (const envelope of envelopes) {
      deliver(world.hospital.lastSession.keys.sid, envelope);
      deliver(recorded.keys.sid, envelope);
    }
    await world.pass(POLL_MS);
    expect(device.status().unreadable).toBe(envelopes.length);
    expect(pinned()).toEqual(third.credential.kid);
    expect(world.events.filter(({ type }) => type === "hospital-key-rotated")).toHaveLength(2);
  });

  it("announced anew under its old id counts no second time", async () => {
    const created = world.clock.now();
    const messageId = createMessageId(created, world.crypto);
    const second = await world.hospital.rotate();
    const body = new Map<number, Uint8Array<ArrayBuffer> | number>([
      [1, second.credential.bytes],
      [2, created + 90 * DAY_MS],
    ]);
    const payload = encodeNotice({ messageId, created, kind: "key-rotation", body });
    for (let i = 0; i < 2; i++) {
      const { lastSession: session } = world.hospital;
      const envelope = await world.hospital.seal(session, { typ: TYP.notice, payload });
      world.hospital.deliver(session.keys.sid, envelope);
      await world.pass(POLL_MS);
      await restart();
    }
    expect(pinned()).toEqual(second.credential.kid);
    expect(world.events.filter(({ type }) => type === "hospital-key-rotated")).toHaveLength(1);
  });

  it.each(["an older", "a newer"])(
    "is not believed where %s key than the session's has signed it",
    async (which) => {
      const second = await world.hospital.rotate();
      await announce(second);
      await restart();
      const third = await world.hospital.createKey();
      const created = world.clock.now();
      const payload = encodeNotice({
        messageId: createMessageId(created, world.crypto),
        created,
        kind: "key-rotation",
        body: new Map<number, Uint8Array<ArrayBuffer> | number>([
          [1, third.credential.bytes],
          [2, created + 90 * DAY_MS],
        ]),
      });
      const { lastSession: session } = world.hospital;
      expect(session.hospitalKey).toBe(second);
      const message = { typ: TYP.notice, payload };
      const key = which === "an older" ? oldKey : third;
      const envelope = await world.hospital.seal(session, message, { key });
      world.hospital.deliver(session.keys.sid, envelope);
      await world.pass(POLL_MS);
      expect(pinned()).toEqual(second.credential.kid);
      expect(world.events).toContainEqual({ type: "alarm", alarm: "unverifiable-message" });
    },
  );

  it("passes over a key between two, where the device was offline during both, and loses nothing", async () => {
    await halt();
    await record();
    await world.hospital.rotate();
    const third = await world.hospital.rotate();
    await restart();
    expect(world.hospital.lastSession.hospitalKey).toBe(oldKey);
    await announce(third);
    await world.until(() => device.items().length === 0);
    await halt();
    await record();
    await restart();
    await world.until(() => device.items().length === 0);
    expect(world.hospital.lastSession.hospitalKey).toBe(third);
    expect(world.hospital.stored).toHaveLength(2);
  });

  it("that a device slept through until its key's end is shown, and costs neither key nor queue", async () => {
    await halt();
    await record();
    await world.hospital.rotate();
    world.hospital.retireOldKeys();
    await restart();
    await world.pass(40 * 60_000);
    expect(device.status()).toMatchObject({
      state: "active",
      needsAttention: true,
      lastError: { code: "HOSPITAL_KEY_UNKNOWN" },
      queue: { queued: 1, kept: 0 },
    });
    const { kid } = device.status().device!;
    await restart();
    expect(device.status()).toMatchObject({ queue: { queued: 1 }, device: { kid } });
    expect(pinned()).toEqual(oldKey.credential.kid);
  });

  it("does not take a credential of another hospital", async () => {
    const { FakeHospital } = await import("@siphms/testkit");
    const ports = { crypto: world.crypto, clock: world.clock };
    const other = await FakeHospital.create(ports, { id: "other-hospital" });
    await announce(other.key);
    expect(pinned()).toEqual(oldKey.credential.kid);
    expect(world.events).toContainEqual({ type: "alarm", alarm: "malformed-message" });
  });

  it("does not take noise for a credential", async () => {
    const key = await world.hospital.createKey();
    const bytes = key.credential.bytes.slice();
    bytes[60]! ^= 1;
    await announce({ ...key, credential: { ...key.credential, bytes } });
    expect(pinned()).toEqual(oldKey.credential.kid);
  });

  it("is not undone by `hospital-key-unknown`: the device waits and never tries the old key", async () => {
    const key = await world.hospital.createKey();
    await announce(key);
    const before = world.gateway.lines.length;
    await restart();
    await world.pass(40 * 60_000);
    expect(device.status().lastError?.code).toBe("HOSPITAL_KEY_UNKNOWN");
    const keys = world.gateway.lines
      .slice(before)
      .filter(({ step }) => step === "message-1")
      .map(({ request }) => new URL(request.url).searchParams.get("key"));
    expect(keys.length).toBeGreaterThan(2);
    expect(new Set(keys).size).toBe(1);
    expect(pinned()).toEqual(key.credential.kid);
  });

  it("leaves items that were signed for the old key deliverable", async () => {
    await halt();
    await record();
    const key = await world.hospital.rotate();
    await start();
    // Measured for the old key, delivered in a session of the new one.
    await world.until(() => device.items().length === 0);
    await announce(key);
    await halt();
    await record();
    await restart();
    await world.until(() => device.items().length === 0);
    expect(world.hospital.stored).toHaveLength(2);
  });

  it("keeps and shows items that were signed for a key that is taken no more", async () => {
    await halt();
    await record();
    world.gateway.intercept = ({ step }) =>
      step === "envelope" ? { fault: "unreachable" } : undefined;
    await start();
    const key = await world.hospital.rotate();
    await announce(key, world.clock.now() + DAY_MS);
    await halt();
    world.gateway.intercept = () => undefined;
    world.clock.skewWall(92 * DAY_MS);
    device = await world.open();
    await start();
    expect(device.items()).toMatchObject([{ state: "kept", keptReason: "hospital-key-retired" }]);
    expect(world.hospital.stored).toEqual([]);
    await record();
    await world.until(() => world.hospital.stored.length === 1);
  });
});
