import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  parseSimEvent,
  type SimCommand,
  type SimEvent,
  type SimEventFields,
  type SimEventName,
  type SimPeripheral,
  type SimValue,
} from "./protocol.ts";

/** Debian's own: another Python does not see the modules of Debian's packages. */
const PYTHON = "/usr/bin/python3";
const SCRIPT = fileURLToPath(new URL("bluez_sim.py", import.meta.url));
const EVENT_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

/** Why there can be no simulation here; empty where there can. */
export const whyNoBluetoothSim: string = findOut();

function findOut(): string {
  const works = (command: string, ...args: string[]): boolean =>
    spawnSync(command, args, { stdio: "ignore" }).status === 0;
  if (!works("dbus-daemon", "--version")) return "dbus-daemon is not on this machine";
  if (!works(PYTHON, "-c", "import dbus, gi"))
    return "Debian's python3-dbus or python3-gi is missing";
  return "";
}

/**
 * BlueZ and its peripherals as one process on a private bus: what Chromium, started with {@link environment}, takes for
 * this machine's Bluetooth.
 *
 * The process ends with {@link stop}, with this one (however it dies), and by its own time limit.
 */
export class BluetoothSim {
  readonly #process: ChildProcess;
  readonly #events: SimEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #address = "";
  #said = "";
  #hasEnded = false;

  private constructor(seconds: number) {
    this.#process = spawn(PYTHON, [SCRIPT, "--timeout", String(seconds)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    // It may have ended already; then a wait for an event says so.
    this.#process.stdin?.on("error", () => undefined);
    this.#process.stderr?.on("data", (chunk: Buffer) => (this.#said += chunk.toString()));
    createInterface({ input: this.#process.stdout! }).on("line", (line) => {
      this.#events.push(parseSimEvent(line));
      this.#tell();
    });
    this.#process.once("close", () => {
      this.#hasEnded = true;
      this.#tell();
    });
  }

  /** Starts one with these sensors in range, for at most so many seconds. */
  static async start(peripherals: readonly SimPeripheral[], seconds = 170): Promise<BluetoothSim> {
    const sim = new BluetoothSim(seconds);
    sim.#write({ peripherals });
    sim.#address = (await sim.next("ready")).address ?? "";
    return sim;
  }

  /** What a Chromium has to be started with, to see these sensors. */
  get environment(): Readonly<Record<string, string>> {
    return { DBUS_SYSTEM_BUS_ADDRESS: this.#address };
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Sends a notification or an indication to who has subscribed; to nobody, it is an error. */
  notify(value: SimValue): void {
    this.#send({ notify: value });
  }

  /** The value of the next reads; after the first connection. */
  set(value: SimValue): void {
    this.#send({ set: value });
  }

  /** The sensor drops the connection, and can be connected again. */
  disconnect(address: string): void {
    this.#send({ disconnect: { address } });
  }

  /** The sensor goes out of range. */
  remove(address: string): void {
    this.#send({ remove: { address } });
  }

  /** A sensor comes into range. */
  add(peripheral: SimPeripheral): void {
    this.#send({ add: peripheral });
  }

  /**
   * Takes the first event of this name and these fields that was not taken, and waits for it.
   *
   * @throws {Error} after 20 s, at the simulation's end, and when a command was refused in the meantime.
   */
  async next(name: SimEventName, fields: SimEventFields = {}): Promise<SimEvent> {
    const limit = performance.now() + EVENT_LIMIT_MS;
    const what = `${name} ${JSON.stringify(fields)}`;
    for (;;) {
      const found = this.#take(name, fields);
      if (found !== undefined) return found;
      this.#throwRefused();
      if (this.#hasEnded) throw new Error(`ended before ${what}: ${this.#said}`);
      if (performance.now() >= limit) throw new Error(`waited in vain for ${what}: ${this.#said}`);
      await this.#change(limit - performance.now());
    }
  }

  /** Ends it, for sure. @throws {Error} when a command was refused and nobody asked for that event. */
  async stop(): Promise<void> {
    if (!this.#hasEnded) {
      const closed = once(this.#process, "close");
      const force = setTimeout(() => this.#process.kill("SIGKILL"), STOP_LIMIT_MS);
      this.#process.stdin?.end();
      await closed;
      clearTimeout(force);
    }
    this.#throwRefused();
  }

  #send(command: SimCommand): void {
    this.#write(command);
  }

  #write(line: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  #take(name: SimEventName, fields: SimEventFields): SimEvent | undefined {
    const wanted = Object.entries({ event: name, ...fields });
    const index = this.#events.findIndex((event) => {
      const has = new Map(Object.entries(event));
      return wanted.every(([key, value]) => has.get(key) === value);
    });
    return index < 0 ? undefined : this.#events.splice(index, 1)[0];
  }

  #throwRefused(): void {
    const refused = this.#take("error", {});
    if (refused !== undefined) {
      throw new Error(`refused ${refused.command ?? ""}: ${refused.message ?? ""}`);
    }
  }

  async #change(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#waiting.add(done);
    });
  }

  #tell(): void {
    for (const wake of this.#waiting) wake();
  }
}
