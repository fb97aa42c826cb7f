import { toHex } from "@siphms/cose";
import type { Device } from "@siphms/device";
import type { Series } from "@siphms/messages";
import { createDeviceWorld, type DeviceWorld } from "@siphms/testkit";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Journal, type SealedEntries } from "./journal.ts";

/** Entries in memory; a journal that is opened anew finds what was stored. */
class Entries implements SealedEntries {
  bytes: Uint8Array<ArrayBuffer> | undefined;
  writes = 0;
  fault: Error | undefined;
  /** A write waits for this. */
  gate: Promise<void> = Promise.resolve();

  load = (): Promise<Uint8Array<ArrayBuffer> | undefined> =>
    this.fault === undefined ? Promise.resolve(this.bytes) : Promise.reject(this.fault);

  store = async (_name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    await this.gate;
    if (this.fault !== undefined) throw this.fault;
    this.writes++;
    this.bytes = bytes;
  };
}

let world: DeviceWorld;
let device: Device;
let entries: Entries;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
  await world.enrolActive(device);
  entries = new Entries();
});

function heartRate(value = 70): Series {
  return { kind: 1, start: device.now(), step: 0, values: [value], origin: 0 };
}

async function opened(): Promise<Journal> {
  return Journal.open({ device, entries });
}

async function drain(): Promise<void> {
  await world.resolve(device.run({ until: "drained" }));
}

describe("the journal", () => {
  it("notes what is recorded through it, with its content, and where it goes", async () => {
    const journal = await opened();
    await journal.record([heartRate(72)]);
    expect(journal.snapshot().entries).toMatchObject([
      { state: "queued", series: [{ kind: 1, last: 72, origin: 0 }] },
    ]);
    await drain();
    const [entry] = journal.snapshot().entries;
    expect(entry).toMatchObject({ state: "stored", receipt: { outcome: 0 } });
    expect(journal.snapshot().latest).toMatchObject([{ kind: 1, value: 72, id: entry?.id }]);
  });

  it("hands the device's bookmark, time and errors through", async () => {
    const journal = await opened();
    const bookmark = Uint8Array.of(1, 2, 3);
    await journal.record([heartRate()], { bookmark });
    expect(await journal.bookmark()).toEqual(bookmark);
    expect(journal.now()).toBe(device.now());
    await expect(journal.record([{ ...heartRate(), values: [] }])).rejects.toMatchObject({
      code: "READINGS_INVALID",
    });
    expect(journal.snapshot().entries).toHaveLength(1);
  });

  it("knows the trail again after a restart", async () => {
    const journal = await opened();
    await journal.record([heartRate(81)]);
    await drain();
    const before = journal.snapshot();
    await journal.close();
    expect((await opened()).snapshot()).toEqual(before);
  });

  it("makes up for a crash before an item was noted", async () => {
    await (await opened()).close();
    const [item] = await device.record([heartRate()]);
    const journal = await opened();
    expect(journal.snapshot().entries).toMatchObject([
      { id: toHex(item!.messageId), state: "queued" },
    ]);
    expect(journal.snapshot().entries[0]).not.toHaveProperty("series");
  });

  it("makes up for a crash before a receipt was noted", async () => {
    const journal = await opened();
    await journal.record([heartRate(77)]);
    await journal.close();
    await drain();
    expect((await opened()).snapshot().entries).toMatchObject([
      { state: "stored", series: [{ last: 77 }] },
    ]);
  });

  it.each([
    ["no JSON", new TextEncoder().encode("{")],
    ["another form", new TextEncoder().encode("[]")],
    ["nothing", new Uint8Array()],
  ])(
    "begins anew over bytes that hold %s, says so, and still knows what waits",
    async (_, bytes) => {
      await device.record([heartRate()]);
      entries.bytes = bytes;
      const journal = await opened();
      expect(journal.snapshot()).toMatchObject({ wasLost: true, entries: [{ state: "queued" }] });
      await journal.close();
      expect((await opened()).snapshot().wasLost).toBe(false);
    },
  );

  it("begins anew over an entry that does not open", async () => {
    entries.fault = new Error("does not open");
    expect((await opened()).snapshot()).toMatchObject({ wasLost: true, entries: [] });
  });

  it("never fails a reading because the trail cannot be stored, and stores it with the next one", async () => {
    const journal = await opened();
    await vi.waitFor(() => expect(entries.writes).toBe(1));
    entries.fault = new Error("full");
    await journal.record([heartRate(60)]);
    await journal.close();
    entries.fault = undefined;
    const second = await opened();
    await second.record([heartRate(61)]);
    await second.close();
    expect((await opened()).snapshot().entries).toHaveLength(2);
  });

  it("writes what came during a write once that one is done, all at once", async () => {
    const journal = await opened();
    await vi.waitFor(() => expect(entries.writes).toBe(1));
    let open: () => void = () => undefined;
    entries.gate = new Promise((resolve) => (open = resolve));
    for (const value of [60, 61, 62, 63]) await journal.record([heartRate(value)]);
    open();
    await journal.close();
    expect(entries.writes).toBe(3);
    expect((await opened()).snapshot().entries).toHaveLength(4);
  });

  it("tells its listeners, and not those who have stopped", async () => {
    const journal = await opened();
    const [stays, stops] = [vi.fn(), vi.fn()];
    journal.subscribe(stays);
    journal.subscribe(stops)();
    await journal.record([heartRate()]);
    expect(stays).toHaveBeenCalled();
    expect(stops).not.toHaveBeenCalled();
  });

  it("gives the same snapshot until something changes", async () => {
    const journal = await opened();
    const before = journal.snapshot();
    expect(journal.snapshot()).toBe(before);
    await journal.record([heartRate()]);
    expect(journal.snapshot()).not.toBe(before);
  });

  it("goes on when the phone's clock jumps back", async () => {
    const journal = await opened();
    await journal.record([heartRate(70)]);
    world.clock.skewWall(-86_400_000);
    await journal.record([heartRate(71)]);
    const { entries: known } = journal.snapshot();
    expect(known.map(({ series }) => series?.[0]?.last)).toEqual([70, 71]);
    await drain();
    expect(journal.snapshot().entries.map(({ state }) => state)).toEqual(["stored", "stored"]);
  });

  it("shows as newest what was measured last, also after the clock jumped back", async () => {
    const journal = await opened();
    await journal.record([heartRate(70)]);
    world.clock.skewWall(-86_400_000);
    await journal.record([heartRate(71)]);
    expect(journal.snapshot().latest).toMatchObject([{ value: 71 }]);
  });
});
