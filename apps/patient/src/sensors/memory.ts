import type { SensorStore } from "./settings.ts";

/** What is known of a sensor beyond this run. */
export interface RememberedSensor {
  readonly id: string;
  readonly name: string;
  /** Which of its users the patient is; `undefined`: not asked yet. */
  readonly user: number | "any" | undefined;
  /** The highest sequence number of a meter of which all up to there are durable. */
  readonly lastSequence: number | undefined;
  /** Repeat keys, oldest first. */
  readonly repeats: readonly string[];
}

/** What becomes true once a batch is durable. */
export interface Mark {
  readonly sensor: string;
  readonly repeatKey?: string;
  readonly lastSequence?: number;
}

/** A batch that may or may not have been recorded: the recorder's bookmark tells. */
interface Journal {
  readonly token: string;
  readonly marks: readonly Mark[];
}

interface Content {
  readonly sensors: readonly RememberedSensor[];
  readonly journal?: Journal | undefined;
}

/** The sensors' durable memory. Changes are visible at once and durable when their promise resolves. */
export class SensorMemory {
  readonly #store: SensorStore;
  readonly #maxRepeats: number;
  #sensors: ReadonlyMap<string, RememberedSensor> = new Map();
  #journal: Journal | undefined;
  #last: Promise<void> = Promise.resolve();

  private constructor(store: SensorStore, maxRepeats: number) {
    this.#store = store;
    this.#maxRepeats = maxRepeats;
  }

  /** Reads what is there, and finishes what a crash interrupted. @param token - The bookmark, in hexadecimal. */
  static async load(
    store: SensorStore,
    maxRepeats: number,
    token: string | undefined,
  ): Promise<SensorMemory> {
    const memory = new SensorMemory(store, maxRepeats);
    const bytes = await store.load();
    const content = bytes === undefined ? { sensors: [] } : parseContent(bytes);
    memory.#sensors = new Map(content.sensors.map((one) => [one.id, one]));
    if (content.journal !== undefined && content.journal.token === token)
      await memory.commit(content.journal.marks);
    return memory;
  }

  /** All remembered sensors. */
  get all(): readonly RememberedSensor[] {
    return [...this.#sensors.values()];
  }

  /** One of them. */
  get(id: string): RememberedSensor | undefined {
    return this.#sensors.get(id);
  }

  /** Adds a sensor or replaces what is known of it. */
  async remember(sensor: RememberedSensor): Promise<void> {
    this.#sensors = new Map([...this.#sensors, [sensor.id, sensor]]);
    await this.#write();
  }

  /** Forgets a sensor with all that belongs to it. */
  async forget(id: string): Promise<void> {
    this.#sensors = new Map([...this.#sensors].filter(([other]) => other !== id));
    await this.#write();
  }

  /** Notes what becomes true if the batch of this token turns out to have been recorded. */
  async announce(token: string, marks: readonly Mark[]): Promise<void> {
    this.#journal = { token, marks };
    await this.#write();
  }

  /** Makes it true. */
  async commit(marks: readonly Mark[]): Promise<void> {
    const sensors = new Map(this.#sensors);
    for (const mark of marks) {
      const sensor = sensors.get(mark.sensor);
      if (sensor !== undefined) sensors.set(sensor.id, this.#marked(sensor, mark));
    }
    this.#sensors = sensors;
    this.#journal = undefined;
    await this.#write();
  }

  #marked(sensor: RememberedSensor, { repeatKey, lastSequence }: Mark): RememberedSensor {
    const repeats =
      repeatKey === undefined || sensor.repeats.includes(repeatKey)
        ? sensor.repeats
        : [...sensor.repeats, repeatKey].slice(-this.#maxRepeats);
    return { ...sensor, repeats, lastSequence: lastSequence ?? sensor.lastSequence };
  }

  async #write(): Promise<void> {
    const write = async () => {
      const content: Content = { sensors: this.all, journal: this.#journal };
      await this.#store.store(new TextEncoder().encode(JSON.stringify(content)));
    };
    // One after the other, or an older state could be the last to arrive.
    const written = this.#last.then(write, write);
    this.#last = written.catch(() => undefined);
    await written;
  }
}

function parseContent(bytes: Uint8Array): Content {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isContent(value)) throw new RangeError("the sensors' memory has another form");
  return value;
}

function isContent(value: unknown): value is Content {
  if (!isObject(value) || !Array.isArray(value["sensors"])) return false;
  return (
    value["sensors"].every(isSensor) &&
    (value["journal"] === undefined || isJournal(value["journal"]))
  );
}

function isSensor(value: unknown): value is RememberedSensor {
  if (!isObject(value) || typeof value["id"] !== "string" || typeof value["name"] !== "string")
    return false;
  const { user, lastSequence, repeats } = value;
  if (user !== undefined && user !== "any" && typeof user !== "number") return false;
  if (lastSequence !== undefined && typeof lastSequence !== "number") return false;
  return Array.isArray(repeats) && repeats.every((one) => typeof one === "string");
}

function isJournal(value: unknown): value is Journal {
  if (!isObject(value) || typeof value["token"] !== "string") return false;
  return Array.isArray(value["marks"]) && value["marks"].every(isMark);
}

function isMark(value: unknown): value is Mark {
  return isObject(value) && typeof value["sensor"] === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
