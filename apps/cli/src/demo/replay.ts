import type { DemoClock } from "@siphms/api";
import type { Clock, Device } from "@siphms/device";

import { decodePosition, encodePosition } from "./bookmark.ts";
import { dueAt } from "./clinical-clock.ts";
import type { Recording } from "./recordings/recording.ts";
import { seriesOf } from "./series.ts";

/** Samples that one signed message carries at most. */
const BATCH_SAMPLES = 60;
/** A device this far behind waits: its memory is not the place for a whole recording. */
const MAX_OPEN_ITEMS = 24;
const FULL_PAUSE_MS = 100;

/** What {@link replay} needs. */
export interface ReplayOptions {
  readonly device: Device;
  readonly recording: Recording;
  readonly demoClock: DemoClock;
  /** How long a sample may wait for others of its batch, in ms of real time. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Hands a recording to its device sample by sample, each when its clinical time has come, from where an earlier run stopped.
 *
 * The position is stored in the same step as the samples: after a crash none is left out and none is signed twice.
 */
export async function replay(options: ReplayOptions): Promise<void> {
  const { device, recording, demoClock, clock, signal } = options;
  const { samples, origin } = recording;
  let position = decodePosition(await device.bookmark());
  while (position < samples.length) {
    await clock.sleep(Math.max(0, batchDue(position, options) - clock.now()), signal);
    await waitForRoom(options);
    if (signal.aborted) return;
    const end = endOfDue(position, options);
    const series = seriesOf(samples.slice(position, end), demoClock, origin);
    await device.record(series, { bookmark: encodePosition(end) });
    position = end;
  }
}

/** The moment at which the next batch goes: when it is full or the recording ends, or when its first sample has waited long enough. */
function batchDue(position: number, { recording, demoClock, patienceMs }: ReplayOptions): number {
  const { samples } = recording;
  const first = samples[position]?.offsetMs ?? 0;
  const last = samples[Math.min(position + BATCH_SAMPLES, samples.length) - 1]?.offsetMs ?? first;
  return Math.min(dueAt(first, demoClock) + patienceMs, dueAt(last, demoClock));
}

function endOfDue(position: number, { recording, demoClock, clock }: ReplayOptions): number {
  const now = clock.now();
  let end = position + 1;
  const limit = Math.min(position + BATCH_SAMPLES, recording.samples.length);
  while (end < limit && dueAt(recording.samples[end]?.offsetMs ?? 0, demoClock) <= now) end += 1;
  return end;
}

async function waitForRoom({ device, clock, signal }: ReplayOptions): Promise<void> {
  const isFull = (): boolean => {
    const { queued, atGateway } = device.status().queue;
    return queued + atGateway >= MAX_OPEN_ITEMS;
  };
  while (isFull() && !signal.aborted) await clock.sleep(FULL_PAUSE_MS, signal);
}
