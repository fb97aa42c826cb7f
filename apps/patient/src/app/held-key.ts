import type { Bytes, Crypto } from "@siphms/cose";
import { openDevice, type Clock, type DurableStore, type Http } from "@siphms/device";
import { Journal, type SealedEntries } from "../journal/index.ts";
import type { Bluetooth } from "../sensors/index.ts";
import { LastingDevice } from "./lasting-device.ts";
import { Observed, type Observable } from "../observable.ts";
import type { OpenApp } from "./open-app.ts";
import { openPreferences } from "./preferences.ts";
import { openSealedEntries } from "./sealed-entries.ts";
import { watchStore, type StorageTrouble } from "./watched-store.ts";

/** What is opened with the key. */
export interface HeldKeyPorts {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly http: Http;
  readonly store: DurableStore;
  /** `undefined` where the browser has none. Asked once the app is open. */
  readonly bluetooth: () => Promise<Bluetooth | undefined>;
  readonly locale: string;
  readonly utcOffsetMinutes: () => number;
}

/** Between tries to store readings that would be lost with the key. */
const SAVE_AGAIN_MS = 30_000;
const PROBE = "app/probe";

type Parts = Pick<OpenApp, "sensors" | "board" | "journal" | "preferences">;

/** The store key while it is in memory, and everything that lives from it: the engine, the sensors, the trail. */
export class HeldKey {
  readonly storeKey: Bytes;
  readonly device: LastingDevice;
  readonly #ports: HeldKeyPorts;
  readonly #trouble: Observed<StorageTrouble | undefined>;
  readonly #entries: SealedEntries;
  readonly #stop = new AbortController();
  #parts: Promise<Parts> | undefined;
  #run: Promise<void> = Promise.resolve();
  #runStop = new AbortController();

  private constructor(
    ports: HeldKeyPorts,
    storeKey: Bytes,
    opened: {
      readonly device: LastingDevice;
      readonly trouble: Observed<StorageTrouble | undefined>;
      readonly entries: SealedEntries;
    },
  ) {
    this.#ports = ports;
    this.storeKey = storeKey;
    this.device = opened.device;
    this.#trouble = opened.trouble;
    this.#entries = opened.entries;
  }

  /** Opens the engine. @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`. */
  static async open(ports: HeldKeyPorts, storeKey: Bytes): Promise<HeldKey> {
    const trouble = new Observed<StorageTrouble | undefined>(undefined);
    const store = watchStore(ports.store, trouble);
    const { clock, crypto, http } = ports;
    const device = await LastingDevice.open({
      clock,
      open: () => openDevice({ clock, crypto, http, store }, { storeKey }),
      probe: () => store.put(PROBE, crypto.randomBytes(1)),
    });
    const entries = await openSealedEntries(store, storeKey, crypto);
    return new HeldKey(ports, storeKey, { device, trouble, entries });
  }

  /** Whether the phone takes what is to be kept. */
  get storage(): Observable<StorageTrouble | undefined> {
    return this.#trouble;
  }

  /** Aborts when the key is let go of. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Runs the engine after the run before has ended. @throws {DeviceError} as `Device.run`. */
  run(until: "active" | "stopped"): Promise<void> {
    const run = this.#run
      .catch(() => undefined)
      .then(() => {
        this.#runStop = new AbortController();
        const signal = AbortSignal.any([this.#stop.signal, this.#runStop.signal]);
        return this.device.run({ signal, until });
      });
    this.#run = run;
    return run;
  }

  /** Ends the run; the key stays. */
  async stopRun(): Promise<void> {
    this.#runStop.abort();
    await this.#run.catch(() => undefined);
  }

  /** Opens what lives beside the engine, once. */
  parts(): Promise<Parts> {
    this.#parts ??= this.#openParts();
    return this.#parts;
  }

  /** The page is hidden and may be ended without another word. */
  async pageHidden(): Promise<void> {
    await (await this.#opened())?.sensors?.pageHidden();
  }

  /** The page is seen again, or the network is back. */
  async retryNow(): Promise<void> {
    this.device.retryNow();
    (await this.#opened())?.sensors?.retryNow();
  }

  /**
   * Stops everything and forgets the key; readings that could not be stored are tried until they are, since with the key they
   * would be lost.
   *
   * @param signal - Somebody opened the app again meanwhile: everything goes on.
   * @returns Whether the key was let go of.
   */
  async letGo(signal: AbortSignal): Promise<boolean> {
    const parts = await this.#opened();
    while (((await parts?.sensors?.stop()) ?? 0) > 0 && !signal.aborted) {
      await this.#ports.clock.sleep(SAVE_AGAIN_MS, signal);
    }
    if (signal.aborted) {
      await parts?.sensors?.start();
      return false;
    }
    await this.drop();
    return true;
  }

  /** Stops everything and forgets the key, whatever is lost with it: before everything here is erased. */
  async drop(): Promise<void> {
    const parts = await this.#opened();
    await parts?.sensors?.stop();
    parts?.board?.close();
    this.#stop.abort();
    await this.#run.catch(() => undefined);
    await parts?.journal.close();
    this.storeKey.fill(0);
  }

  /** The parts, where they could be opened: whoever opened them was told what stood against it. */
  async #opened(): Promise<Parts | undefined> {
    return this.#parts?.catch(() => undefined);
  }

  async #openParts(): Promise<Parts> {
    const { bluetooth, clock, locale, utcOffsetMinutes } = this.#ports;
    const journal = await Journal.open({ device: this.device, entries: this.#entries });
    const preferences = await openPreferences(this.#entries, locale);
    const adapter = await bluetooth();
    if (adapter === undefined)
      return { journal, preferences, sensors: undefined, board: undefined };
    // Of no use before the first unlocking: not part of what the first screen loads.
    const { Sensors } = await import("../sensors/index.ts");
    const { SensorBoard } = await import("../sensors/sensor-board.ts");
    const sensors = await Sensors.open({
      bluetooth: adapter,
      clock,
      recorder: journal,
      store: {
        load: () => this.#entries.load("sensors"),
        store: (bytes) => this.#entries.store("sensors", bytes),
      },
      utcOffsetMinutes,
    });
    const board = new SensorBoard(sensors);
    await sensors.start();
    return { journal, preferences, sensors, board };
  }
}
