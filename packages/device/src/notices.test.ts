import type { Device } from "@siphms/device";
import { createMessageId, encodeNotice, readNoticeContent, TYP } from "@siphms/messages";
import { createDeviceWorld, type DeviceWorld, type FakeBinding } from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

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
    const told = { type: "seen-told", messageIds: [notice!.messageId] };
    expect(world.events).not.toContainEqual(told);
    await device.acknowledge([notice!.messageId]);
    await world.settle();
    expect(seen().at(-1)).toEqual(notice!.messageId);
    expect(world.events).toContainEqual(told);
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
    expect(world.events).not.toContainEqual({ type: "seen-told", messageIds: [notice!.messageId] });
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

  it("is counted until it is acknowledged, also by the next process", async () => {
    expect(device.status().openNotices).toBe(0);
    await send("one");
    await send("two");
    expect(device.status().openNotices).toBe(2);
    await restart();
    expect(device.status().openNotices).toBe(2);
    await device.acknowledge([device.notices()[0]!.messageId]);
    expect(device.status().openNotices).toBe(1);
  });

  it.each([
    ["message", new Map<number, number | string>([[1, "please call us"]])],
    ["measure-now", new Map<number, number[] | number>([[1, [1, 2]]])],
    ["measure-now", new Map()],
    ["limits-changed", new Map([[7, "of a later version"]])],
  ])("of kind %s is handed over with what it says", async (kind, body) => {
    await world.hospital.notify(binding, kind, body);
    await world.pass(POLL_MS);
    expect(device.notices().map((notice) => readNoticeContent(notice).kind)).toEqual([kind]);
  });

  it.each([
    ["message", new Map()],
    ["message", new Map([[1, 7]])],
    ["measure-now", new Map([[1, []]])],
    ["measure-now", new Map([[1, [99]]])],
    ["measure-now", new Map([[2, "soon"]])],
    ["key-rotation", new Map()],
  ])("of kind %s is not accepted with a body that is none of its kind", async (kind, body) => {
    await world.hospital.notify(binding, kind, body as ReadonlyMap<number, number | string>);
    await world.pass(POLL_MS);
    expect(device.notices()).toEqual([]);
    expect(world.events).toContainEqual({ type: "alarm", alarm: "malformed-message" });
    await restart();
    expect(device.notices()).toEqual([]);
  });

  it("acknowledged though unknown changes nothing", async () => {
    await device.acknowledge([new Uint8Array(16)]);
    expect(device.notices()).toEqual([]);
  });
});

function findBytes(haystack: Uint8Array, needle: Uint8Array): number {
  for (let at = 0; at + needle.length <= haystack.length; at++) {
    if (needle.every((byte, i) => haystack[at + i] === byte)) return at;
  }
  throw new Error("not there");
}
