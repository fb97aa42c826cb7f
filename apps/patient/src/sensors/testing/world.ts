import { DeviceError } from "@siphms/device";
import { FakeClock } from "@siphms/testkit";
import type { SensorEvent } from "../events.ts";
import { Sensors } from "../sensors.ts";
import type { Recorder, SensorSettings } from "../settings.ts";
import { FakeBluetooth, FakeSensor } from "./fake-bluetooth.ts";

type Series = Parameters<Recorder["record"]>[0];

/** Sensors with everything around them faked; what is durable outlives {@link World.open}. */
export class World {
  readonly clock = new FakeClock();
  readonly bluetooth = new FakeBluetooth();
  readonly recorded: Series[] = [];
  readonly events: SensorEvent[] = [];
  /** How the next calls of `record` fail: before anything was stored, or after. */
  readonly faults: {
    readonly when: "after" | "before";
    readonly code: "READINGS_INVALID" | "STORE_FAILED";
  }[] = [];
  bytes: Uint8Array<ArrayBuffer> | undefined;
  #bookmark: Uint8Array<ArrayBuffer> | undefined;

  async open(settings: Partial<SensorSettings> = {}): Promise<Sensors> {
    const sensors = await Sensors.open(
      {
        bluetooth: this.bluetooth,
        clock: this.clock,
        utcOffsetMinutes: () => 0,
        store: {
          load: () => Promise.resolve(this.bytes),
          store: (bytes) => Promise.resolve(void (this.bytes = bytes)),
        },
        recorder: {
          now: () => this.clock.now(),
          bookmark: () => Promise.resolve(this.#bookmark),
          record: (series, options) => this.#record(series, options),
        },
      },
      settings,
    );
    sensors.subscribe((event) => this.events.push(event));
    return sensors;
  }

  /** Opens, starts, chooses these and lets them connect. */
  async started(
    chosen: readonly FakeSensor[],
    settings?: Partial<SensorSettings>,
  ): Promise<Sensors> {
    const sensors = await this.open(settings);
    await sensors.start();
    for (const sensor of chosen) {
      this.bluetooth.choices.push(sensor);
      await sensors.choose();
    }
    await this.clock.advance(0);
    return sensors;
  }

  /** All values of a kind that were recorded, in order. */
  values(kind: number): readonly unknown[] {
    return this.recorded.flat().flatMap((one) => (one.kind === kind ? one.values : []));
  }

  /** The states of a sensor, in order. */
  states(id: string): readonly string[] {
    return this.events.flatMap((event) =>
      event.kind === "state" && event.sensor === id ? [event.state.kind] : [],
    );
  }

  /** Events of one kind. */
  of<K extends SensorEvent["kind"]>(kind: K): readonly Extract<SensorEvent, { kind: K }>[] {
    return this.events.filter(
      (event): event is Extract<SensorEvent, { kind: K }> => event.kind === kind,
    );
  }

  async #record(...[series, options]: Parameters<Recorder["record"]>): Promise<[]> {
    await Promise.resolve();
    const fault = this.faults.shift();
    if (fault?.when !== "before") {
      this.recorded.push(series);
      this.#bookmark = options?.bookmark;
    }
    if (fault !== undefined) throw new DeviceError(fault.code, "a fault of the test");
    return [];
  }
}

/** A chest strap. */
export function strap(id = "strap"): FakeSensor {
  return new FakeSensor(id, {
    "180d": { "2a37": { notifies: true }, "2a38": { value: [1] } },
    "180f": { "2a19": { value: [87], notifies: true } },
  });
}

/** A cuff with a clock. */
export function cuff(clock?: readonly number[]): FakeSensor {
  return new FakeSensor("cuff", {
    "1805": clock === undefined ? {} : { "2a2b": { value: clock } },
    "1810": { "2a35": { notifies: true }, "2a36": { notifies: true } },
  });
}

/** A glucose meter without memory of its own: the test plays it. */
export function meter(): FakeSensor {
  return new FakeSensor("meter", {
    "1808": { "2a18": { notifies: true }, "2a52": { notifies: true } },
  });
}

/** Seven o'clock of the fake clock's day, an hour before its start: a Date Time. */
export const SEVEN: readonly number[] = [0xea, 0x07, 1, 5, 7, 0, 0];

/** Each pass lets the promises of one step of a connection run. */
export async function settle(world: World): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await world.clock.advance(0);
}
