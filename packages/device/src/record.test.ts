import { openDevice, type Device, type OutboxItem } from "@siphms/device";
import { createDeviceWorld, type DeviceWorld } from "@siphms/testkit";
import { beforeEach, describe, expect, it } from "vitest";

let world: DeviceWorld;
let device: Device;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
  await world.enrolActive(device);
});

async function record(value = 70): Promise<OutboxItem> {
  const [item] = await device.record([
    { kind: 1, start: device.now(), step: 0, values: [value], origin: 0 },
  ]);
  return item!;
}

function stored(): string[] {
  return world.hospital.stored.map(({ messageId }) => messageId);
}

describe("record", () => {
  it("resolves only when the items are in the store", async () => {
    const before = await world.store.list("item/");
    const items = await device.record([
      { kind: 1, start: 1, step: 1, values: new Array<number>(3000).fill(70), origin: 0 },
    ]);
    const after = await world.store.list("item/");
    expect(after.length - before.length).toBe(items.length);
    expect(items.reduce((sum, { samples }) => sum + samples, 0)).toBe(3000);
  });

  it("makes envelopes of at most 16 KiB", async () => {
    const wordy = { manufacturer: "m".repeat(5000) };
    const one = { kind: 1, start: 1, step: 0, values: [70], origin: 0, sensor: wordy } as const;
    await device.record([one, one, one, one, one, one]);
    await device.record([
      {
        kind: 8,
        start: 1,
        deltas: new Array<number>(4000).fill(900).fill(0, 0, 1),
        values: new Array<number>(4000).fill(65_000),
        origin: 0,
      },
    ]);
    await world.resolve(device.run({ until: "drained" }));
    const sizes = world.gateway.lines
      .filter(({ step }) => step === "envelope")
      .map(({ request }) => request.body!.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16_384);
    expect(device.items()).toEqual([]);
  });

  it("stores nothing of readings that are not of the protocol's form", async () => {
    await expect(
      device.record([
        { kind: 1, start: 1, step: 0, values: [70], origin: 0 },
        { kind: 1, start: 1, step: 0, values: [], origin: 0 },
      ]),
    ).rejects.toMatchObject({ code: "READINGS_INVALID" });
    expect(device.items()).toEqual([]);
    expect(await world.store.list("item/")).toEqual([]);
  });

  it("signs with the time corrected by the hospital's clock", async () => {
    world.clock.skewWall(-3_600_000);
    world.hospital.behaviour.grant = (grant) => ({
      ...grant,
      now: grant.now + 3_600_000,
      expires: grant.expires + 3_600_000,
    });
    device = await world.open();
    await record();
    await world.resolve(device.run({ until: "drained" }));
    const item = await record();
    expect(item.created).toBe(world.clock.now() + 3_600_000);
    // And after a restart, before any session.
    device = await world.open();
    expect(device.now()).toBe(world.clock.now() + 3_600_000);
  });

  it("does not follow a wall clock that is set back", async () => {
    await record();
    await world.resolve(device.run({ until: "drained" }));
    const before = device.now();
    world.clock.skewWall(-86_400_000);
    await world.clock.advance(1_000);
    expect((await record()).created).toBe(before + 1_000);
  });

  it("keeps a bookmark with the items, or neither", async () => {
    const one = { kind: 1, start: 1, step: 0, values: [70], origin: 0 } as const;
    await device.record([one], { bookmark: new Uint8Array([1, 2]) });
    expect(await device.bookmark()).toEqual(new Uint8Array([1, 2]));
    const bad = { ...one, values: [] };
    await expect(device.record([bad], { bookmark: new Uint8Array([3]) })).rejects.toThrow();
    expect(await device.bookmark()).toEqual(new Uint8Array([1, 2]));
    device = await world.open();
    expect(await device.bookmark()).toEqual(new Uint8Array([1, 2]));
  });

  it("refuses a bookmark over 1,024 bytes as the caller's mistake", async () => {
    const one = { kind: 1, start: 1, step: 0, values: [70], origin: 0 } as const;
    const bookmark = new Uint8Array(1025);
    await expect(device.record([one], { bookmark })).rejects.toBeInstanceOf(RangeError);
  });

  it("cannot be told to send again what is not kept", async () => {
    const { messageId } = await record();
    await expect(device.requeue(messageId)).rejects.toMatchObject({ code: "ITEM_UNKNOWN" });
    await expect(device.requeue(new Uint8Array(16))).rejects.toMatchObject({
      code: "ITEM_UNKNOWN",
    });
  });

  it("counts a damaged item, leaves it where it is, and delivers the others", async () => {
    await record();
    await record();
    const [name] = await world.store.list("item/");
    await world.store.put(name!, new Uint8Array([1, 2, 3]));
    device = await world.open();
    expect(device.status().queue).toMatchObject({ damaged: 1, queued: 1 });
    await world.resolve(device.run({ until: "drained" }));
    expect(stored()).toHaveLength(1);
    expect(await world.store.list("item/")).toEqual([name]);
  });

  it("does not open under another store key", async () => {
    const opening = openDevice(world.ports, { storeKey: new Uint8Array(32) });
    await expect(opening).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  it.each([
    { inFlight: 0 },
    { inFlight: 65 },
    { preferWaitSeconds: 20 },
    { mailboxWaitSeconds: 1.5 },
  ])("refuses the setting %o", async (settings) => {
    await expect(world.open({ settings })).rejects.toBeInstanceOf(RangeError);
  });
});
