import { beforeEach, describe, expect, it } from "vitest";

import type { DemoClock } from "@siphms/api";
import type { Device } from "@siphms/device";
import { parseReadings, parseSigned, samples } from "@siphms/messages";
import { createDeviceWorld } from "@siphms/testkit";
import type { DeviceWorld } from "@siphms/testkit";

import { planClock, sampleTime } from "./clinical-clock.ts";
import { lengthMs } from "./recordings/recording.ts";
import type { RecordedSample, Recording } from "./recordings/recording.ts";
import { replay } from "./replay.ts";

const MINUTE_MS = 60_000;

/** An invented recording: every minute a heart rate, every third a pressure at the same moment, for five hours. */
const RECORDING: Recording = {
  set: "test",
  record: "one",
  source: "synthetic",
  sex: "X",
  problem: "none",
  origin: 0,
  samples: Array.from({ length: 300 }, (_, minute): readonly RecordedSample[] => {
    const offsetMs = minute * MINUTE_MS;
    const heartRate: RecordedSample = { offsetMs, kind: 1, value: 60 + (minute % 20) };
    const pressure: RecordedSample = { offsetMs, kind: 2, value: [120, 80, null] };
    return minute % 3 === 0 ? [heartRate, pressure] : [heartRate];
  }).flat(),
};

let world: DeviceWorld;
let device: Device;
let demoClock: DemoClock;
let sending: AbortController;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
  await world.enrolActive(device);
  const pace = { kind: "squeezed", replayMs: 30_000 } as const;
  demoClock = planClock(lengthMs(RECORDING), world.clock.now(), pace);
  sending = new AbortController();
});

interface Stored {
  readonly kind: number;
  readonly at: number;
  readonly created: number;
}

/** What the hospital stored, sample by sample; every message is listed as often as it was stored. */
function stored(): readonly (readonly Stored[])[] {
  return world.hospital.stored.map(({ signed }) => {
    const { created, series } = parseReadings(parseSigned(signed).sign1.payload);
    return series.flatMap((one) =>
      [...samples(one)].map(({ at }) => ({ kind: one.kind, at, created })),
    );
  });
}

function expected(): readonly string[] {
  return RECORDING.samples.map((one) => `${one.kind} ${sampleTime(one.offsetMs, demoClock)}`);
}

async function play(signal: AbortSignal, patienceMs = 1_000): Promise<void> {
  const running = device.run({ signal: sending.signal });
  const { clock } = world.ports;
  await world.resolve(
    replay({ device, recording: RECORDING, demoClock, patienceMs, clock, signal }),
  );
  await world.until(() => device.status().queue.samples === 0, "all is receipted");
  sending.abort();
  await world.resolve(running);
}

describe("a replay", () => {
  it("hands over every sample once, at its clinical time", async () => {
    await play(new AbortController().signal);
    const keys = stored()
      .flat()
      .map(({ kind, at }) => `${kind} ${at}`);
    expect(keys.toSorted()).toEqual(expected().toSorted());
  });

  it("puts no more than 60 samples into one message", async () => {
    await play(new AbortController().signal, 60_000);
    expect(Math.max(...stored().map((message) => message.length))).toBe(60);
  });

  it("signs no sample before its time has come", async () => {
    await play(new AbortController().signal);
    for (const { at, created } of stored().flat()) expect(at).toBeLessThanOrEqual(created);
  });

  it("takes about as long as planned", async () => {
    const before = world.clock.now();
    await play(new AbortController().signal);
    expect(world.clock.now() - before).toBeGreaterThan(29_000);
    expect(world.clock.now() - before).toBeLessThan(45_000);
  });

  it("goes on after a crash where the device's store stands, sending nothing twice", async () => {
    const crash = new AbortController();
    const first = device.run({ signal: sending.signal });
    const { clock } = world.ports;
    const options = { recording: RECORDING, demoClock, patienceMs: 1_000, clock };
    const interrupted = replay({ ...options, device, signal: crash.signal });
    await world.pass(11_000);
    crash.abort();
    sending.abort();
    await world.resolve(Promise.all([first, interrupted]));
    const before = stored().flat().length;
    expect(before).toBeGreaterThan(50);
    expect(before).toBeLessThan(RECORDING.samples.length);

    await world.pass(60 * MINUTE_MS);
    sending = new AbortController();
    device = await world.open();
    await play(new AbortController().signal);
    const keys = stored()
      .flat()
      .map(({ kind, at }) => `${kind} ${at}`);
    expect(keys.toSorted()).toEqual(expected().toSorted());
  });

  it("hands over nothing when it is ended before it begins", async () => {
    await play(AbortSignal.abort());
    expect(stored()).toEqual([]);
  });
});
