import type { Clock, Device } from "@siphms/device";
import type { Bluetooth } from "./bluetooth.ts";

/** What can be set of the engine; {@link DEFAULT_SETTINGS} are what the app uses. */
export interface SensorSettings {
  /** A batch of gathered samples is signed when it has so many … */
  readonly batchSamples: number;
  /** … or is so old. */
  readonly batchAgeMs: number;
  /** So many samples wait at most for a store that fails; then no more are taken, and the screen says so. */
  readonly maxWaitingSamples: number;
  /** Between tries to store. */
  readonly saveRetryMs: number;
  /** So many measurements of each sensor are remembered, to know them again. */
  readonly rememberedRepeats: number;
  readonly connectTimeoutMs: number;
  readonly operationTimeoutMs: number;
  /** A meter that is silent for so long in the midst of a transfer has lost it. */
  readonly transferSilenceMs: number;
  readonly busyTries: number;
  readonly busyWaitMs: number;
  /** First wait before a reconnection; doubles. */
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** A meter's clock that is wrong by more is worth a word. */
  readonly clockToleranceMs: number;
}

/** Batches of a minute of a strap with its RR intervals; waits that a patient bears. */
export const DEFAULT_SETTINGS: SensorSettings = {
  batchSamples: 180,
  batchAgeMs: 30_000,
  maxWaitingSamples: 20_000,
  saveRetryMs: 5_000,
  rememberedRepeats: 1_000,
  connectTimeoutMs: 30_000,
  operationTimeoutMs: 10_000,
  transferSilenceMs: 30_000,
  busyTries: 5,
  busyWaitMs: 200,
  firstRetryMs: 1_000,
  maxRetryMs: 60_000,
  clockToleranceMs: 120_000,
};

/**
 * Where the sensors' memory is kept. It holds readings: what implements it seals the bytes. A resolved `store` is durable.
 */
export interface SensorStore {
  load(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  store(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/**
 * What takes the readings. After `STORE_FAILED` a device has to be opened anew: the app hands in an object that always passes on
 * to the one that is open.
 */
export type Recorder = Pick<Device, "bookmark" | "now" | "record">;

/** All that the engine needs. */
export interface SensorPorts {
  readonly bluetooth: Bluetooth;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly store: SensorStore;
  /** Minutes that the clocks of this place are ahead of UTC, now. */
  readonly utcOffsetMinutes: () => number;
}
