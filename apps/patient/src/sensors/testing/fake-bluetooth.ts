import {
  type Bluetooth,
  type Characteristic,
  type Peripheral,
  SensorError,
  type SensorErrorCode,
  type Service,
} from "../bluetooth.ts";

/** What a test says of one characteristic. */
export interface FakeCharacteristic {
  readonly value?: readonly number[];
  readonly notifies?: boolean;
}

type Step = "connect" | "discover" | `read ${string}` | `subscribe ${string}` | `write ${string}`;

/** A sensor that does what the test says, and writes down what was asked of it. */
export class FakeSensor implements Peripheral {
  readonly id: string;
  readonly name: string;
  readonly log: string[] = [];
  /** Called at each step, before it is answered. */
  onStep: (step: Step) => Promise<void> | void = () => undefined;
  /** Called with what was written. */
  onWrite: (value: readonly number[]) => void = () => undefined;
  isConnected = false;
  readonly #services: Readonly<Record<string, Readonly<Record<string, FakeCharacteristic>>>>;
  readonly #disconnected = new Set<() => void>();
  #listeners = new Map<number, (value: DataView) => void>();

  /** @param services - 16-bit UUIDs in hexadecimal: services, their characteristics. */
  constructor(
    id: string,
    services: Readonly<Record<string, Readonly<Record<string, FakeCharacteristic>>>>,
  ) {
    this.id = id;
    this.name = `Sensor ${id}`;
    this.#services = services;
  }

  async connect(): Promise<void> {
    await this.#step("connect");
    this.isConnected = true;
  }

  disconnect(): void {
    this.isConnected = false;
    this.#listeners = new Map();
  }

  async discover(): Promise<readonly Service[]> {
    await this.#step("discover");
    return Object.entries(this.#services).map(([uuid, characteristics]) => ({
      uuid: Number.parseInt(uuid, 16),
      characteristics: Object.entries(characteristics).map((one) => this.#characteristic(...one)),
    }));
  }

  onDisconnected(listener: () => void): () => void {
    this.#disconnected.add(listener);
    return () => this.#disconnected.delete(listener);
  }

  /** The link breaks. */
  drop(): void {
    this.disconnect();
    for (const listener of this.#disconnected) listener();
  }

  /** Notifies, if somebody has subscribed. */
  notify(uuid: number, ...octets: readonly number[]): boolean {
    const listener = this.#listeners.get(uuid);
    listener?.(viewOf(octets));
    return listener !== undefined;
  }

  #characteristic(uuid: string, { value, notifies }: FakeCharacteristic): Characteristic {
    const short = Number.parseInt(uuid, 16);
    return {
      uuid: short,
      canRead: value !== undefined,
      canNotify: notifies === true,
      read: async () => {
        await this.#step(`read ${uuid}`);
        return viewOf(value ?? []);
      },
      write: async (octets) => {
        await this.#step(`write ${uuid}`);
        this.onWrite([...octets]);
      },
      subscribe: async (listener) => {
        this.#listeners.set(short, listener);
        await this.#step(`subscribe ${uuid}`);
      },
    };
  }

  async #step(step: Step): Promise<void> {
    this.log.push(step);
    await this.onStep(step);
    if (step !== "connect" && !this.isConnected) throw new SensorError("SENSOR_DISCONNECTED");
  }
}

/** A browser with the sensors that a test gives it. */
export class FakeBluetooth implements Bluetooth {
  /** The next choices, first first; a code is refused with. */
  readonly choices: (FakeSensor | SensorErrorCode)[] = [];
  knownSensors: readonly FakeSensor[] = [];

  async choose(): Promise<Peripheral> {
    await Promise.resolve();
    const choice = this.choices.shift() ?? "CHOICE_CANCELLED";
    if (typeof choice === "string") throw new SensorError(choice);
    return choice;
  }

  async known(): Promise<readonly Peripheral[]> {
    await Promise.resolve();
    return this.knownSensors;
  }
}

function viewOf(octets: readonly number[]): DataView {
  return new DataView(Uint8Array.from(octets).buffer);
}
