import { type Peripheral, SensorError, type SensorErrorCode } from "./bluetooth.ts";
import { Collector, hexOf } from "./collector.ts";
import type { SensorEvent, SensorState } from "./events.ts";
import { Link } from "./link.ts";
import { type RememberedSensor, SensorMemory } from "./memory.ts";
import { SENSOR_TYPES, SIDE_SERVICES } from "./profiles.ts";
import { DEFAULT_SETTINGS, type SensorPorts, type SensorSettings } from "./settings.ts";

/** A sensor as a list of them shows it. */
export interface SensorView extends Pick<RememberedSensor, "id" | "name" | "user"> {
  readonly state: SensorState;
}

interface Running {
  readonly end: AbortController;
  readonly done: Promise<void>;
  wake: () => void;
}

/** The patient's sensors: remembered, connected, and what they measure handed to `record`. One per page. */
export class Sensors {
  readonly #ports: SensorPorts;
  readonly #settings: SensorSettings;
  readonly #memory: SensorMemory;
  readonly #collector: Collector;
  readonly #listeners = new Set<(event: SensorEvent) => void>();
  readonly #states = new Map<string, SensorState>();
  readonly #running = new Map<string, Running>();
  #stop: AbortController | undefined;

  private constructor(ports: SensorPorts, settings: SensorSettings, memory: SensorMemory) {
    this.#ports = ports;
    this.#settings = settings;
    this.#memory = memory;
    const { clock, recorder } = ports;
    this.#collector = new Collector({ clock, recorder, memory, settings, emit: this.#emit });
  }

  /** Loads what is remembered; connects to nothing yet. */
  static async open(ports: SensorPorts, changed: Partial<SensorSettings> = {}): Promise<Sensors> {
    const settings = { ...DEFAULT_SETTINGS, ...changed };
    const bookmark = await ports.recorder.bookmark();
    const token = bookmark === undefined ? undefined : hexOf(bookmark);
    const memory = await SensorMemory.load(ports.store, settings.rememberedRepeats, token);
    return new Sensors(ports, settings, memory);
  }

  /** Calls `listener` for each event from now on; returns how to stop. */
  subscribe(listener: (event: SensorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The remembered sensors and where each stands. */
  list(): readonly SensorView[] {
    return this.#memory.all.map(({ id, name, user }) => {
      return { id, name, user, state: this.#states.get(id) ?? { kind: "stopped" } };
    });
  }

  /** Samples that are not durable yet: closing the app would lose them. */
  get unsavedSamples(): number {
    return this.#collector.waiting;
  }

  /** Connects to every remembered sensor that the browser still knows, and keeps them connected. */
  async start(): Promise<void> {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#collector.start(stop.signal);
    const known = await this.#knownPeripherals();
    if (stop.signal.aborted) return;
    for (const { id } of this.#memory.all) {
      const peripheral = known.find((one) => one.id === id);
      if (peripheral !== undefined) this.#keep(peripheral);
      else if (!this.#running.has(id)) this.#tell(id, { kind: "choose-again" });
    }
  }

  /**
   * Lets the patient choose a sensor, remembers it and connects; call it from a click, after {@link start}.
   *
   * @returns Its id; `undefined` where none was chosen: the event says why.
   */
  async choose(): Promise<string | undefined> {
    this.#emit({ kind: "search", state: "searching" });
    let peripheral: Peripheral;
    try {
      peripheral = await this.#ports.bluetooth.choose([...SENSOR_TYPES.keys()], SIDE_SERVICES);
    } catch (error) {
      this.#emit({ kind: "search", state: codeOf(error) });
      return undefined;
    }
    const { id, name = "" } = peripheral;
    const before = this.#memory.get(id);
    await this.#memory.remember(
      before ?? { id, name, user: undefined, lastSequence: undefined, repeats: [] },
    );
    this.#emit({ kind: "search", state: "chosen" });
    if (this.#stop !== undefined) this.#keep(peripheral);
    return id;
  }

  /** Says which of a sensor's users the patient is; `any` where nobody else uses it. */
  async setUser(id: string, user: number | "any"): Promise<void> {
    const sensor = this.#memory.get(id);
    if (sensor !== undefined) await this.#memory.remember({ ...sensor, user });
  }

  /** Disconnects a sensor and forgets it. */
  async forget(id: string): Promise<void> {
    const running = this.#running.get(id);
    running?.end.abort();
    await running?.done;
    this.#states.delete(id);
    await this.#memory.forget(id);
  }

  /** Ends every wait for a reconnection: the page is seen again, or the patient pressed the button. */
  retryNow(): void {
    for (const { wake } of this.#running.values()) wake();
  }

  /** The page is hidden and may be frozen or ended without another word: makes durable what is there. */
  async pageHidden(): Promise<void> {
    await this.#collector.flush();
  }

  /** Disconnects all, and makes durable what is there. @returns How many samples could not be; they stay for another start. */
  async stop(): Promise<number> {
    this.#stop?.abort();
    this.#stop = undefined;
    const all = [...this.#running.values()];
    for (const { end } of all) end.abort();
    await Promise.all(all.map(({ done }) => done));
    await this.#collector.flush();
    return this.#collector.waiting;
  }

  readonly #emit = (event: SensorEvent): void => {
    for (const listener of this.#listeners) listener(event);
  };

  #tell(sensor: string, state: SensorState): void {
    this.#states.set(sensor, state);
    this.#emit({ kind: "state", sensor, state });
  }

  async #knownPeripherals(): Promise<readonly Peripheral[]> {
    try {
      return await this.#ports.bluetooth.known();
    } catch (error) {
      this.#emit({ kind: "search", state: codeOf(error) });
      return [];
    }
  }

  #keep(peripheral: Peripheral): void {
    const { id } = peripheral;
    if (this.#running.has(id)) {
      this.#running.get(id)?.wake();
      return;
    }
    const end = new AbortController();
    const done = this.#keepConnected(peripheral, end.signal).finally(() =>
      this.#running.delete(id),
    );
    this.#running.set(id, { end, done, wake: () => undefined });
  }

  async #keepConnected(peripheral: Peripheral, signal: AbortSignal): Promise<void> {
    const { id } = peripheral;
    const isOver = (): boolean => signal.aborted;
    let failures = 0;
    // Otherwise the first event would come before the caller has noted that this runs.
    await Promise.resolve();
    while (!isOver()) {
      this.#tell(id, { kind: "connecting" });
      const link = this.#link(peripheral);
      const { code } = await link.run(signal);
      if (isOver()) break;
      const final = FINAL_STATES[code];
      if (final !== undefined) {
        this.#tell(id, { kind: final });
        return;
      }
      failures = link.wasWell ? 1 : failures + 1;
      await this.#waitToRetry(id, REASONS[code] ?? "refused", failures);
    }
    this.#tell(id, { kind: "stopped" });
  }

  #link(peripheral: Peripheral): Link {
    const { clock, recorder, utcOffsetMinutes } = this.#ports;
    return new Link({
      peripheral,
      remembered: () => this.#memory.get(peripheral.id),
      collector: this.#collector,
      clock,
      now: () => recorder.now(),
      utcOffsetMinutes,
      settings: this.#settings,
      emit: (event) => {
        if (event.kind === "state" && "sensor" in event)
          this.#states.set(event.sensor, event.state);
        this.#emit(event);
      },
    });
  }

  async #waitToRetry(id: string, reason: LostReason, failures: number): Promise<void> {
    const { firstRetryMs, maxRetryMs } = this.#settings;
    const { clock } = this.#ports;
    const waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 20));
    const running = this.#running.get(id);
    const awake = new AbortController();
    const wake = () => awake.abort();
    running?.end.signal.addEventListener("abort", wake, { once: true });
    if (running !== undefined) running.wake = wake;
    this.#tell(id, { kind: "lost", retryAt: clock.now() + waitMs, reason });
    await clock.sleep(waitMs, awake.signal);
    running?.end.signal.removeEventListener("abort", wake);
  }
}

type LostReason = Extract<SensorState, { readonly kind: "lost" }>["reason"];

const FINAL_STATES: Partial<Record<SensorErrorCode, "not-supported" | "permission-denied">> = {
  BLUETOOTH_UNSUPPORTED: "not-supported",
  SENSOR_UNSUPPORTED: "not-supported",
  BLUETOOTH_DENIED: "permission-denied",
};

const REASONS: Partial<Record<SensorErrorCode, LostReason>> = {
  BLUETOOTH_OFF: "adapter-off",
  SENSOR_AWAY: "out-of-range",
  SENSOR_DISCONNECTED: "disconnected",
};

function codeOf(error: unknown): SensorErrorCode {
  if (error instanceof SensorError) return error.code;
  throw error;
}
