import { renameSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const PRELOAD = fileURLToPath(new URL("shifted-clock-preload.mjs", import.meta.url));
/** Several times as long as the programs need to notice. */
const NOTICED_MS = 200;

/** A wall clock that a test sets wrong, of every program that is started with its environment. */
export class ShiftedClock {
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: string;

  /** @param file - Where programs look how far it is off. */
  constructor(file: string) {
    this.#file = file;
    this.environment = { NODE_OPTIONS: `--import=${PRELOAD}`, TEST_CLOCK_FILE: file };
  }

  /** Sets it so many ms ahead of the true time, or behind. */
  async shift(ms: number): Promise<void> {
    writeFileSync(`${this.#file}.part`, String(ms));
    renameSync(`${this.#file}.part`, this.#file);
    await wait(NOTICED_MS);
  }
}
