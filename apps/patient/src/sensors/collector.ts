import { type Clock, DeviceError } from "@siphms/device";
import type { SensorSeries } from "@siphms/gatt";
import type { Emit, SaveTrouble } from "./events.ts";
import type { Mark, SensorMemory } from "./memory.ts";
import { mergeSeries } from "./merge-series.ts";
import type { Recorder, SensorSettings } from "./settings.ts";

interface Entry {
  readonly series: readonly SensorSeries[];
  readonly marks: readonly Mark[];
  readonly samples: number;
}

interface Batch {
  readonly token: Uint8Array<ArrayBuffer>;
  readonly entries: readonly Entry[];
}

/** One measurement's series on their way to the recorder. */
export interface Taking {
  readonly sensor: string;
  readonly series: readonly SensorSeries[];
  readonly repeatKey: string | undefined;
  /** Waits for others of its kind. */
  readonly isGathered: boolean;
}

/** What the collector needs. */
export interface CollectorParts {
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly memory: SensorMemory;
  readonly settings: SensorSettings;
  readonly emit: Emit;
}

const TOKEN_BYTES = 16;

/**
 * Gathers readings into batches and hands each to `record` until it is durable, exactly once.
 *
 * A `record` that fails may have happened all the same. So each batch carries a token as the recorder's bookmark, which is
 * written in the same atomic step; before another try, and after a crash, the bookmark tells.
 */
export class Collector {
  readonly #parts: CollectorParts;
  #entries: readonly Entry[] = [];
  readonly #pendingKeys = new Set<string>();
  #tried: Batch | undefined;
  #limit = Infinity;
  #ageing = false;
  #looping = false;
  #saving: Promise<boolean> | undefined;
  #signal: AbortSignal = AbortSignal.abort();

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  /** Samples that are not durable yet. */
  get waiting(): number {
    return this.#entries.reduce((sum, { samples }) => sum + samples, 0);
  }

  /** From now on batches are saved in time, until `signal` aborts; what is left from before goes first. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
    if (this.#entries.length > 0) void this.#saveUntilDone();
  }

  /** Takes a measurement in, unless it was taken before or too much waits already. */
  take({ sensor, series, repeatKey, isGathered }: Taking): "not-taken" | "repeated" | "taken" {
    const key = repeatKey === undefined ? undefined : keyOf(sensor, repeatKey);
    if (repeatKey !== undefined && this.#isKnown(sensor, repeatKey)) return "repeated";
    const samples = series.reduce((sum, { values }) => sum + values.length, 0);
    const { maxWaitingSamples, batchSamples } = this.#parts.settings;
    if (this.waiting + samples > maxWaitingSamples) return "not-taken";
    if (key !== undefined) this.#pendingKeys.add(key);
    const marks = repeatKey === undefined ? [] : [{ sensor, repeatKey }];
    this.#entries = [...this.#entries, { series, marks, samples }];
    if (isGathered && this.waiting < batchSamples) void this.#saveWhenOld();
    else void this.#saveUntilDone();
    return "taken";
  }

  /** Notes that all of a meter up to this number were taken; durable after them. */
  mark(sensor: string, lastSequence: number): void {
    this.#entries = [
      ...this.#entries,
      { series: [], marks: [{ sensor, lastSequence }], samples: 0 },
    ];
    void this.#saveUntilDone();
  }

  /** Saves what is there, with one try. @returns Whether nothing is left. */
  async flush(): Promise<boolean> {
    await this.#saving;
    return this.#once();
  }

  #isKnown(sensor: string, repeatKey: string): boolean {
    if (this.#pendingKeys.has(keyOf(sensor, repeatKey))) return true;
    return this.#parts.memory.get(sensor)?.repeats.includes(repeatKey) === true;
  }

  async #saveWhenOld(): Promise<void> {
    if (this.#ageing) return;
    this.#ageing = true;
    await this.#parts.clock.sleep(this.#parts.settings.batchAgeMs, this.#signal);
    this.#ageing = false;
    await this.#saveUntilDone();
  }

  async #saveUntilDone(): Promise<void> {
    if (this.#looping) return;
    this.#looping = true;
    // Looked at anew after each try: readings may come while the last one ends.
    while (this.#entries.length > 0 && !this.#signal.aborted) {
      if (!(await this.#once()))
        await this.#parts.clock.sleep(this.#parts.settings.saveRetryMs, this.#signal);
    }
    this.#looping = false;
  }

  /** One at a time: a second caller gets the result of the first. */
  async #once(): Promise<boolean> {
    this.#saving ??= this.#drain().finally(() => (this.#saving = undefined));
    return this.#saving;
  }

  async #drain(): Promise<boolean> {
    while (this.#entries.length > 0) {
      try {
        await this.#saveBatch();
        this.#limit = Infinity;
      } catch (error) {
        if (!this.#isCured(error)) {
          this.#tellFailure(error);
          return false;
        }
      }
    }
    return true;
  }

  async #saveBatch(): Promise<void> {
    const { memory, recorder } = this.#parts;
    const batch = (await this.#recordedAfterAll()) ?? this.#nextBatch();
    const marks = batch.entries.flatMap((entry) => entry.marks);
    if (batch !== this.#tried) {
      const series = mergeSeries(batch.entries.flatMap((entry) => entry.series));
      if (marks.length > 0) await memory.announce(hexOf(batch.token), marks);
      if (series.length > 0) {
        this.#tried = batch;
        await recorder.record(series, { bookmark: batch.token });
      }
    }
    if (marks.length > 0) await memory.commit(marks);
    this.#tried = undefined;
    this.#remove(batch.entries);
    this.#parts.emit({ kind: "saved", samples: samplesOf(batch.entries) });
  }

  async #recordedAfterAll(): Promise<Batch | undefined> {
    if (this.#tried === undefined) return undefined;
    const bookmark = await this.#parts.recorder.bookmark();
    if (bookmark !== undefined && hexOf(bookmark) === hexOf(this.#tried.token)) return this.#tried;
    this.#tried = undefined;
    return undefined;
  }

  #nextBatch(): Batch {
    const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
    return { token, entries: this.#entries.slice(0, this.#limit) };
  }

  /** Readings that no item can hold must not keep the others back: finds the one, drops it, and says so. */
  #isCured(error: unknown): boolean {
    if (!(error instanceof DeviceError) || error.code !== "READINGS_INVALID") return false;
    const first = this.#entries.slice(0, 1);
    if (this.#limit > 1 && this.#entries.length > 1) {
      this.#limit = 1;
      return true;
    }
    this.#remove(first);
    this.#tried = undefined;
    this.#parts.emit({ kind: "unusable", samples: samplesOf(first) });
    return true;
  }

  #tellFailure(error: unknown): void {
    const { clock, emit, settings } = this.#parts;
    const code: SaveTrouble = error instanceof DeviceError ? error.code : "FAILED";
    const retryAt = clock.now() + settings.saveRetryMs;
    emit({ kind: "save-failed", code, retryAt, waiting: this.waiting });
  }

  #remove(entries: readonly Entry[]): void {
    const gone = new Set(entries);
    this.#entries = this.#entries.filter((entry) => !gone.has(entry));
    for (const { sensor, repeatKey } of entries.flatMap(({ marks }) => marks))
      if (repeatKey !== undefined) this.#pendingKeys.delete(keyOf(sensor, repeatKey));
  }
}

function samplesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { samples }) => sum + samples, 0);
}

function keyOf(sensor: string, repeatKey: string): string {
  return JSON.stringify([sensor, repeatKey]);
}

/** Octets in hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
