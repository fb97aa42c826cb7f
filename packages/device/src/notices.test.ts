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

async function send(text: string): Promise<void> {
  await world.hospital.notify(binding, "message", new Map([[1, text]]));
  await world.pass(POLL_MS);
}

function seen(): unknown[] {
  return world.hospital.requests
    .filter(({ method }) => method === "seen")
    .flatMap(({ parameters }) => parameters.get(1));
}

function shown(): number {
  return world.events.filter(({ type }) => type === "notice").length;
}

describe("a notice", () => {
  it("is handed to the caller and stays until it is acknowledged, across a restart", async () => {
    await send("please measure again");
    expect(shown()).toBe(1);
    await restart();
    const [notice] = device.notices();
    expect(notice?.body.get(1)).toBe("please measure again");
    await device.acknowledge([notice!.messageId]);
    expect(device.notices()).toEqual([]);
    await restart();
    expect(device.notices()).toEqual([]);
  });

  it("is not shown in the clear by the store", async () => {
    await send("please measure again");
    for (const name of await world.store.list("notice/")) {
      const text = new TextDecoder("latin1").decode(await world.store.get(name));
      expect(text).not.toContain("measure");
    }
  });

  it("is told to the hospital as seen only once the caller has acknowledged it", async () => {
    const before = seen().length;
    await send("one");
    expect(seen()).toHaveLength(before);
    const [notice] = device.notices();
    await device.acknowledge([notice!.messageId]);
    await world.settle();
    expect(seen().at(-1)).toEqual(notice!.messageId);
    await restart();
    expect(seen()).toHaveLength(before + 1);
  });

  it("is told as seen in the next session where this one did not take it", async () => {
    await send("one");
    world.hospital.behaviour.respond = ({ method }) =>
      method === "seen" ? { error: "busy", result: new Map() } : undefined;
    const [notice] = device.notices();
    await device.acknowledge([notice!.messageId]);
    await world.settle();
    delete world.hospital.behaviour.respond;
    const before = seen().length;
    await restart();
    expect(seen().slice(before)).toEqual([notice!.messageId]);
  });

  it("counts once by its id, in whatever session and under whatever number it comes again", async () => {
    const created = world.clock.now();
    const messageId = createMessageId(created, world.crypto);
    const body = new Map([[1, "once"]]);
    const payload = encodeNotice({ messageId, created, kind: "message", body });
    for (let i = 0; i < 3; i++) {
      const { lastSession: session } = world.hospital;
      for (let j = 0; j < 2; j++) {
        world.hospital.deliver(
          session.keys.sid,
          await world.hospital.seal(session, { typ: TYP.notice, payload }),
        );
      }
      await world.pass(POLL_MS);
      if (i === 1) await device.acknowledge([messageId]);
      await restart();
    }
    expect(shown()).toBe(1);
    expect(device.notices()).toEqual([]);
  });

  it("of an unknown kind is handed to the caller as well", async () => {
    await world.hospital.notify(binding, "of-version-2", new Map([[9, 1]]));
    await world.pass(POLL_MS);
    expect(device.notices().map(({ kind }) => kind)).toEqual(["of-version-2"]);
  });

  it("whose id does not fit its time changes nothing", async () => {
    const created = world.clock.now();
    const messageId = createMessageId(created, world.crypto);
    const payload = encodeNotice({
      messageId,
      created,
      kind: "message",
      body: new Map([[1, "x"]]),
    });
    const bad = payload.slice();
    const at = findBytes(bad, messageId);
    bad[at]! ^= 1;
    const { lastSession: session } = world.hospital;
    world.hospital.deliver(
      session.keys.sid,
      await world.hospital.seal(session, { typ: TYP.notice, payload: bad }),
    );
    await world.pass(POLL_MS);
    expect(shown()).toBe(0);
    expect(world.events).toContainEqual({ type: "alarm", alarm: "malformed-message" });
  });

  it("acknowledged though unknown changes nothing", async () => {
    await device.acknowledge([new Uint8Array(16)]);
    expect(device.notices()).toEqual([]);
  });
});

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

function findBytes(haystack: Uint8Array, needle: Uint8Array): number {
  for (let at = 0; at + needle.length <= haystack.length; at++) {
    if (needle.every((byte, i) => haystack[at + i] === byte)) return at;
  }
  throw new Error("not there");
}
