import {
  createUnsafeMemoryStore,
  DeviceError,
  type Device,
  type DurableStore,
} from "@siphms/device";
import { createDeviceWorld, type DeviceWorld } from "@siphms/testkit";
import { describe, expect, it } from "vitest";

/** What the whole story measures: values by which a stored sample can be told from another. */
const VALUES = [61, 62, 63, 64, 65];

/** Whether the operation that the crash falls on still happened. */
type Crash = "before-it" | "after-it";

/** A store that dies at its `operations`-th write, and stays dead. */
function mortal(store: DurableStore, operations: number, crash: Crash): DurableStore {
  let left = operations;
  const die = (): Promise<never> => Promise.reject(new Error("power cut"));
  return {
    ...store,
    batch: async (changes) => {
      left--;
      if (left < 0) return die();
      if (left > 0) return store.batch(changes);
      if (crash === "after-it") await store.batch(changes);
      return die();
    },
  };
}

/** The whole story of a device, from wherever its store says that it stands. */
async function live(world: DeviceWorld, device: Device, link: string): Promise<void> {
  if (device.status().state !== "active") {
    if (device.status().state !== "pending") {
      await world.resolve(device.enrol(link, { deviceName: "test phone" }));
    }
    const { code } = device.status();
    if (code !== undefined) await world.hospital.confirm(code);
    await world.resolve(device.run({ until: "active" }));
  }
  // The bookmark says how many were measured: it is stored with them, so it is never wrong.
  for (let at = (await device.bookmark())?.[0] ?? 0; at < VALUES.length; at++) {
    const series = {
      kind: 1,
      start: device.now(),
      step: 0,
      values: [VALUES[at]!],
      origin: 0,
    } as const;
    await device.record([series], { bookmark: new Uint8Array([at + 1]) });
  }
  await world.resolve(device.run({ until: "drained" }));
}

/**
 * Runs the story with a power cut at the n-th write, then again to its end; says whether the cut fell inside the
 * story.
 */
async function liveTwice(
  cutAt: number,
  crash: Crash,
): Promise<{ world: DeviceWorld; wasCut: boolean }> {
  const world = await createDeviceWorld();
  const disk = createUnsafeMemoryStore();
  const link = world.hospital.invite();
  let wasCut = false;
  try {
    await live(world, await world.open({ store: mortal(disk, cutAt, crash) }), link);
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code !== "STORE_FAILED") throw error;
    wasCut = true;
  }
  await world.pass(25_000);
  const device = await world.open({ store: disk });
  await live(world, device, link);
  expect(device.items()).toEqual([]);
  expect(device.status().totals).toMatchObject({
    recordedSamples: VALUES.length,
    receiptedSamples: VALUES.length,
  });
  return { world, wasCut };
}

describe.each(["before-it", "after-it"] as const)("a power cut, %s", (crash) => {
  it("at any write of the whole story loses nothing, doubles nothing and reuses no number (SR-31)", async () => {
    let cuts = 0;
    for (let cutAt = 1; ; cutAt++) {
      const { world, wasCut } = await liveTwice(cutAt, crash);
      const { stored, seqReuses, bindings } = world.hospital;
      const ids = stored.map(({ messageId }) => messageId);
      expect(new Set(ids).size, `write ${String(cutAt)}`).toBe(VALUES.length);
      expect(ids, `write ${String(cutAt)}`).toHaveLength(VALUES.length);
      expect(seqReuses).toBe(0);
      const active = [...bindings.values()].filter(({ state }) => state === "active");
      expect(active, `write ${String(cutAt)}`).toHaveLength(1);
      expect(bindings.size, `write ${String(cutAt)}`).toBe(1);
      if (!wasCut) break;
      cuts++;
    }
    // Key, try, clock, count, code, activation, and per item: record, seal, removal, and more.
    expect(cuts).toBeGreaterThan(20);
  });
});

describe("after the store has failed", () => {
  it("nothing more is written and nothing more is sent, until the device is opened anew", async () => {
    const world = await createDeviceWorld();
    const disk = createUnsafeMemoryStore();
    await world.enrolActive(await world.open({ store: disk }));
    const device = await world.open({ store: mortal(disk, 1, "before-it") });
    const reading = { kind: 1, start: 1, step: 0, values: [70], origin: 0 } as const;
    await expect(device.record([reading])).rejects.toMatchObject({ code: "STORE_FAILED" });
    await expect(device.record([reading])).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(device.items()).toEqual([]);
    await expect(world.resolve(device.run())).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(world.gateway.count("envelope")).toBeLessThanOrEqual(2);
    expect(await disk.list("item/")).toEqual([]);
  });
});
