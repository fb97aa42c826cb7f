import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeviceSettings } from "@siphms/device";
import { parseOperation, readHistory, type Operation } from "./history.ts";
import { keepProgram, type Kept, type KeptProgram } from "./keeper.ts";

const RUNNER = fileURLToPath(new URL("device-runner.ts", import.meta.url));

/** How a device of the crash tests goes about its work. */
export interface CrashDeviceSettings {
  readonly engine?: DeviceSettings;
  /** Items that may wait for their receipt before it records no more; by default 6. */
  readonly window?: number;
  /** Rest after each reading, ms; by default 10. */
  readonly pauseMs?: number;
  /** What its readings follow from. */
  readonly seed?: number;
  /** Of its process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What the device's process is started with. */
export interface RunnerParameters {
  readonly folder: string;
  readonly historyFile: string;
  readonly engine: DeviceSettings;
  readonly window: number;
  readonly pauseMs: number;
  readonly seed: number;
  /** Time of reading 0, ms. */
  readonly begin: number;
  readonly isQuiet: boolean;
}

interface DeviceParts {
  readonly name: string;
  readonly mrn: string;
  readonly kid: string;
  readonly folder: string;
  readonly settings: CrashDeviceSettings;
}

/** An enrolled device in a process of its own that records without an end, and is started again whenever it ends. */
export class CrashDevice {
  readonly name: string;
  readonly mrn: string;
  /** base64url. */
  readonly kid: string;
  /** Its state: `store.log`, its key, `history.jsonl`. */
  readonly folder: string;
  readonly program: Kept & Pick<KeptProgram, "write">;
  #isQuiet = false;
  #wake: (() => void)[] = [];
  #drained = false;
  /** Recorded and not receipted: message-id to the time of recording. */
  readonly #open = new Map<string, number>();
  readonly #posted = new Set<string>();
  #newestReceipted = 0;
  readonly #listeners = new Set<(operation: Operation) => void>();

  private constructor(parts: DeviceParts) {
    this.name = parts.name;
    this.mrn = parts.mrn;
    this.kid = parts.kid;
    this.folder = parts.folder;
    const fixed = {
      folder: parts.folder,
      historyFile: this.historyFile,
      engine: parts.settings.engine ?? {},
      window: parts.settings.window ?? 6,
      pauseMs: parts.settings.pauseMs ?? 10,
      seed: parts.settings.seed ?? 1,
      begin: Date.now(),
    };
    this.program = keepProgram({
      name: `device ${parts.name}`,
      parameters: () => {
        const parameters: RunnerParameters = { ...fixed, isQuiet: this.#isQuiet };
        return ["--import", "tsx", RUNNER, JSON.stringify(parameters)];
      },
      environment: parts.settings.environment ?? {},
      logFile: join(parts.folder, "device.log"),
      onLine: (line) => {
        const operation = parseOperation(line);
        if (operation !== undefined) this.#heard(operation);
      },
      onEnd: () => {
        this.#posted.clear();
      },
    });
  }

  static start(parts: DeviceParts): CrashDevice {
    return new CrashDevice(parts);
  }

  get historyFile(): string {
    return join(this.folder, "history.jsonl");
  }

  /** Envelopes that were posted and whose answer has not come. */
  get underWay(): number {
    return this.#posted.size;
  }

  /** When the newest reading was recorded that has a receipt, ms. */
  get newestReceipted(): number {
    return this.#newestReceipted;
  }

  /** Resolves with the time of the first receipt, from now on, for something that was recorded after `time`. */
  receiptAfter(time: number): Promise<number> {
    return new Promise((resolve) => {
      const end = this.onOperation(({ op, t }) => {
        if (op !== "receipted" || this.#newestReceipted <= time) return;
        end();
        resolve(t);
      });
    });
  }

  /** Calls back for each line of its history as it comes; returns how to stop. */
  onOperation(listener: (operation: Operation) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells it to record no more, and resolves when everything that it has is receipted (or kept). */
  async drain(): Promise<void> {
    this.#isQuiet = true;
    this.program.write("quiet");
    while (!this.#drained) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  history(): readonly Operation[] {
    return readHistory(this.historyFile);
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }

  #heard(operation: Operation): void {
    switch (operation.op) {
      case "recorded":
        for (const id of operation.ids) this.#open.set(id, operation.t);
        break;
      case "receipted":
        this.#newestReceipted = Math.max(this.#newestReceipted, this.#open.get(operation.id) ?? 0);
        this.#open.delete(operation.id);
        break;
      case "posted":
        this.#posted.add(`${operation.sid}/${operation.seq}`);
        break;
      case "answered":
        this.#posted.delete(`${operation.sid}/${operation.seq}`);
        break;
      case "drained":
        this.#drained = true;
        for (const wake of this.#wake.splice(0)) wake();
        break;
      case "started":
      case "intended":
      case "kept":
      case "alarm":
      case "problem":
      case "session":
        break;
    }
    for (const listener of [...this.#listeners]) listener(operation);
  }
}
