import type { Clock } from "@siphms/device";
import { CHARACTERISTICS, SERVICES } from "@siphms/gatt";
import { type Bluetooth, type Characteristic, type Peripheral, SensorError } from "./bluetooth.ts";
import { cuffOctets, heartRateOctets, inflation, oximeterOctets } from "./demo-octets.ts";

/**
 * Sensors that nobody wears, for the demonstration alone: a chest strap, a cuff and an oximeter that send the octets of real ones.
 *
 * Choosing gives one after the other, as if there were always one that was not chosen yet.
 */
export function createDemoBluetooth(clock: Clock): Bluetooth {
  const all = [demoStrap(clock), demoCuff(clock), demoOximeter(clock)];
  let next = 0;
  return {
    choose: async () => {
      await clock.sleep(CHOICE_MS);
      const one = all[next++ % all.length];
      if (one === undefined) throw new SensorError("CHOICE_CANCELLED");
      return one;
    },
    known: () => Promise.resolve(all),
  };
}

const C = CHARACTERISTICS;
const CHOICE_MS = 600;
const CONNECT_MS = 400;
const SECOND_MS = 1_000;
/** A cuff is pressed at the start and then again from time to time. */
const CUFF_EVERY_MS = 90_000;

function demoStrap(clock: Clock): DemoPeripheral {
  return new DemoPeripheral(clock, {
    id: "demo-strap",
    name: "Demo chest strap",
    services: [
      service(SERVICES.heartRate, [C.heartRateMeasurement], [[C.bodySensorLocation, [1]]]),
      service(SERVICES.battery, [C.batteryLevel], [[C.batteryLevel, [87]]]),
      information("Demo strap"),
    ],
    play: async ({ notify, wait }) => {
      for (let second = 0; ; second++) {
        notify(C.heartRateMeasurement, heartRateOctets(second));
        await wait(SECOND_MS);
      }
    },
  });
}

function demoCuff(clock: Clock): DemoPeripheral {
  return new DemoPeripheral(clock, {
    id: "demo-cuff",
    name: "Demo blood pressure cuff",
    services: [
      service(SERVICES.bloodPressure, [C.bloodPressureMeasurement, C.intermediateCuffPressure], []),
      service(SERVICES.battery, [C.batteryLevel], [[C.batteryLevel, [64]]]),
      information("Demo cuff"),
    ],
    play: async ({ notify, wait }) => {
      for (let turn = 0; ; turn++) {
        for (const pressure of inflation()) {
          notify(C.intermediateCuffPressure, pressure);
          await wait(SECOND_MS / 2);
        }
        notify(C.bloodPressureMeasurement, cuffOctets(turn));
        await wait(CUFF_EVERY_MS);
      }
    },
  });
}

function demoOximeter(clock: Clock): DemoPeripheral {
  return new DemoPeripheral(clock, {
    id: "demo-oximeter",
    name: "Demo pulse oximeter",
    services: [
      service(SERVICES.pulseOximeter, [C.plxContinuous], []),
      service(SERVICES.battery, [C.batteryLevel], [[C.batteryLevel, [92]]]),
      information("Demo oximeter"),
    ],
    play: async ({ notify, wait }) => {
      for (let second = 0; ; second++) {
        notify(C.plxContinuous, oximeterOctets(second));
        await wait(SECOND_MS);
      }
    },
  });
}

interface DemoService {
  readonly uuid: number;
  readonly notifies: readonly number[];
  readonly readable: ReadonlyMap<number, readonly number[]>;
}

interface Stage {
  readonly notify: (uuid: number, octets: readonly number[]) => void;
  readonly wait: (ms: number) => Promise<void>;
}

interface Script {
  readonly id: string;
  readonly name: string;
  readonly services: readonly DemoService[];
  /** Runs until `wait` rejects: the connection is over. */
  readonly play: (stage: Stage) => Promise<never>;
}

function service(
  uuid: number,
  notifies: readonly number[],
  readable: readonly (readonly [number, readonly number[]])[],
): DemoService {
  return { uuid, notifies, readable: new Map(readable) };
}

function information(model: string): DemoService {
  const text = (value: string): readonly number[] => [...new TextEncoder().encode(value)];
  return service(
    SERVICES.deviceInformation,
    [],
    [
      [C.manufacturerName, text("Demonstration")],
      [C.modelNumber, text(model)],
    ],
  );
}

/** Begins to play when something was subscribed to, and ends with the connection. */
class DemoPeripheral implements Peripheral {
  readonly id: string;
  readonly name: string;
  readonly #clock: Clock;
  readonly #script: Script;
  readonly #disconnected = new Set<() => void>();
  #listeners = new Map<number, (value: DataView) => void>();
  #connection: AbortController | undefined;
  #isPlaying = false;

  constructor(clock: Clock, script: Script) {
    this.#clock = clock;
    this.#script = script;
    this.id = script.id;
    this.name = script.name;
  }

  async connect(): Promise<void> {
    this.disconnect();
    const connection = new AbortController();
    this.#connection = connection;
    await this.#clock.sleep(CONNECT_MS, connection.signal);
    if (connection.signal.aborted) throw new SensorError("SENSOR_DISCONNECTED");
  }

  disconnect(): void {
    this.#connection?.abort();
    this.#connection = undefined;
    this.#listeners = new Map();
    this.#isPlaying = false;
  }

  discover(): ReturnType<Peripheral["discover"]> {
    const services = this.#script.services.map(({ uuid, notifies, readable }) => {
      const uuids = [...new Set([...notifies, ...readable.keys()])];
      return {
        uuid,
        characteristics: uuids.map((one) => this.#characteristic(one, { notifies, readable })),
      };
    });
    return Promise.resolve(services);
  }

  onDisconnected(listener: () => void): () => void {
    this.#disconnected.add(listener);
    return () => this.#disconnected.delete(listener);
  }

  #characteristic(
    uuid: number,
    { notifies, readable }: Pick<DemoService, "notifies" | "readable">,
  ): Characteristic {
    const value = readable.get(uuid);
    return {
      uuid,
      canRead: value !== undefined,
      canNotify: notifies.includes(uuid),
      read: () => {
        if (value === undefined) return Promise.reject(new SensorError("SENSOR_REFUSED"));
        return Promise.resolve(viewOf(value));
      },
      write: () => Promise.reject(new SensorError("SENSOR_REFUSED")),
      subscribe: (listener) => {
        if (this.#connection === undefined)
          return Promise.reject(new SensorError("SENSOR_DISCONNECTED"));
        this.#listeners.set(uuid, listener);
        if (!this.#isPlaying) this.#play(this.#connection.signal);
        return Promise.resolve();
      },
    };
  }

  #play(signal: AbortSignal): void {
    this.#isPlaying = true;
    const stage: Stage = {
      notify: (uuid, octets) => this.#listeners.get(uuid)?.(viewOf(octets)),
      wait: async (ms) => {
        await this.#clock.sleep(ms, signal);
        if (signal.aborted) throw new SensorError("SENSOR_DISCONNECTED");
      },
    };
    this.#script.play(stage).catch((error: unknown) => {
      if (!(error instanceof SensorError)) throw error;
    });
  }
}

function viewOf(octets: readonly number[]): DataView {
  return new DataView(Uint8Array.from(octets).buffer);
}
