import { decodeBloodPressure, decodeHeartRate, decodePlxContinuous, toNumber } from "@siphms/gatt";
import { FakeClock } from "@siphms/testkit";
import { judge } from "@siphms/vitals";
import { beforeEach, describe, expect, it } from "vitest";
import { createDemoBluetooth } from "./demo-bluetooth.ts";
import { cuffOctets, heartRateOctets, oximeterOctets } from "./demo-octets.ts";
import type { SensorEvent } from "./events.ts";
import { SensorBoard } from "./sensor-board.ts";
import { Sensors } from "./sensors.ts";
import type { Recorder } from "./settings.ts";

type Series = Parameters<Recorder["record"]>[0];

let clock: FakeClock;
let recorded: Series[number][];
let events: SensorEvent[];
let bytes: Uint8Array<ArrayBuffer> | undefined;

beforeEach(() => {
  clock = new FakeClock();
  recorded = [];
  events = [];
  bytes = undefined;
});

async function opened(): Promise<Sensors> {
  const sensors = await Sensors.open({
    bluetooth: createDemoBluetooth(clock),
    clock,
    utcOffsetMinutes: () => 0,
    store: {
      load: () => Promise.resolve(bytes),
      store: (written) => Promise.resolve(void (bytes = written)),
    },
    recorder: {
      now: () => clock.now(),
      bookmark: () => Promise.resolve(undefined),
      record: (series) => {
        recorded.push(...series);
        return Promise.resolve([]);
      },
    },
  });
  sensors.subscribe((event) => events.push(event));
  await sensors.start();
  return sensors;
}

/** Lets time pass in steps, so that each wait begins after the one before it has ended. */
async function pass(seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 2; step++) await clock.advance(500);
}

async function chosen(sensors: Sensors, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    const choosing = sensors.choose();
    await pass(1);
    await choosing;
  }
}

function kinds(): ReadonlySet<number> {
  return new Set(recorded.map(({ kind }) => kind));
}

describe("the demo's sensors", () => {
  it("are three that give heart rate, pressure and saturation through the engine", async () => {
    const sensors = await opened();
    await chosen(sensors, 3);
    await pass(60);
    await sensors.stop();
    expect(sensors.list().map(({ name }) => name)).toEqual([
      "Demo chest strap",
      "Demo blood pressure cuff",
      "Demo pulse oximeter",
    ]);
    expect([...kinds()].sort((a, b) => a - b)).toEqual([1, 2, 3, 8, 11]);
    expect(events.filter(({ kind }) => kind === "malformed" || kind === "withheld")).toEqual([]);
  });

  it("fall silent when they are disconnected, and are connected again after a restart", async () => {
    const first = await opened();
    await chosen(first, 1);
    await pass(5);
    await first.stop();
    const silent = recorded.length;
    await pass(60);
    expect(recorded).toHaveLength(silent);
    const second = await opened();
    await pass(40);
    await second.stop();
    expect(recorded.length).toBeGreaterThan(silent);
  });

  it("tell of battery and contact, which the board shows", async () => {
    const sensors = await opened();
    const board = new SensorBoard(sensors);
    await chosen(sensors, 1);
    await pass(5);
    expect(board.snapshot().cards).toMatchObject([
      { id: "demo-strap", batteryPercent: 87, contact: "present", types: ["heart-rate"] },
    ]);
    await sensors.forget("demo-strap");
    board.refresh();
    expect(board.snapshot().cards).toEqual([]);
    await sensors.stop();
  });

  it("are heard by the board no longer once it was closed", async () => {
    const sensors = await opened();
    const board = new SensorBoard(sensors);
    board.close();
    await chosen(sensors, 1);
    await pass(2);
    expect(board.snapshot().cards).toEqual([]);
    await sensors.stop();
  });

  it("show the cuff's pressure while it inflates", async () => {
    const sensors = await opened();
    await chosen(sensors, 2);
    await pass(8);
    await sensors.stop();
    expect(events.filter(({ kind }) => kind === "progress").length).toBeGreaterThan(5);
  });

  it("send octets that decode to plausible values, however long they run", () => {
    for (let count = 0; count < 5_000; count++) {
      const heart = decodeHeartRate(Uint8Array.from(heartRateOctets(count)));
      expect(judge(1, heart.heartRateBpm, heart.flags)).toEqual({ verdict: "plausible" });
      expect(heart.contact).toBe("present");
      const { systolic, diastolic, mean } = decodeBloodPressure(Uint8Array.from(cuffOctets(count)));
      const [upper, lower, middle] = [systolic, diastolic, mean].map((one) => toNumber(one) ?? 0);
      expect(judge(2, [upper!, lower!, middle!])).toEqual({ verdict: "plausible" });
      const { normal } = decodePlxContinuous(Uint8Array.from(oximeterOctets(count)));
      expect(judge(3, (toNumber(normal.spo2) ?? 0) * 10)).toEqual({ verdict: "plausible" });
    }
  });
});
