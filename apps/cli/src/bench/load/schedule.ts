import type { Clock } from "@siphms/device";

/** A stretch of an open loop. */
export interface LoadPhase {
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * When each request of a load is to be sent, evenly over each phase.
 *
 * @returns ms since the beginning, growing; as many as the rates and lengths of the phases make.
 * @throws {RangeError} for a rate or a length that is not above 0.
 */
export function scheduleOf(phases: readonly LoadPhase[]): Float64Array {
  const times: number[] = [];
  let beginMs = 0;
  for (const { perSecond, seconds } of phases) {
    if (!(perSecond > 0 && seconds > 0)) throw new RangeError("phase: rate and length above 0");
    const count = Math.round(perSecond * seconds);
    for (let index = 0; index < count; index += 1) {
      times.push(beginMs + (index * 1_000) / perSecond);
    }
    beginMs += seconds * 1_000;
  }
  return Float64Array.from(times);
}

/** What {@link sendOnSchedule} needs. */
export interface Schedule {
  /** ms since the beginning, growing. */
  readonly timesMs: Float64Array;
  readonly clock: Clock;
  /** Sends one and returns at once. */
  readonly send: (index: number) => void;
}

/**
 * Sends each request at its time, whatever became of those before: an open loop. What could not be sent in time is sent at once;
 * measure from its time in the schedule, not from its sending, so that the wait shows which a stall puts on those behind it.
 *
 * Resolves when the last one is sent.
 */
export async function sendOnSchedule({ timesMs, clock, send }: Schedule): Promise<void> {
  const began = clock.monotonic();
  for (const [index, timeMs] of timesMs.entries()) {
    const leftMs = began + timeMs - clock.monotonic();
    if (leftMs > 0) await clock.sleep(leftMs);
    send(index);
  }
}
