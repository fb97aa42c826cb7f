import type { DemoClock } from "@siphms/api";

/** Every replay ends within ten minutes, with a margin for the enrolments before it. */
const DEFAULT_REPLAY_MS = 540_000;

/** How fast a replay shall go. */
export type Pace =
  | { readonly kind: "default" }
  /** The same speed for every patient. */
  | { readonly kind: "speed"; readonly speed: number }
  /** Every recording squeezed into this time. */
  | { readonly kind: "squeezed"; readonly replayMs: number };

/**
 * Chooses a demo patient's clock, so that the recording ends when its replay ends.
 *
 * Clinical time = anchor + (now − start) × speed. With a speed of at least 1 a sample's time, anchor + offset, is then never
 * later than the moment at which it is sent.
 *
 * @param lengthMs - Length of the recording.
 * @param start - When the replay begins, ms.
 */
export function planClock(lengthMs: number, start: number, pace: Pace): DemoClock {
  const speed = speedOf(lengthMs, pace);
  // Rounded down: a millisecond later would lie in the future at speed 1.
  return { anchor: Math.floor(start + lengthMs / speed) - lengthMs, start, speed };
}

function speedOf(lengthMs: number, pace: Pace): number {
  if (pace.kind === "speed") return Math.max(1, pace.speed);
  const replayMs = pace.kind === "squeezed" ? pace.replayMs : DEFAULT_REPLAY_MS;
  return Math.max(1, Math.ceil(lengthMs / replayMs));
}

/** The wall-clock time at which the sample at this distance from the recording's beginning is measured, ms. */
export function dueAt(offsetMs: number, clock: DemoClock): number {
  return Math.ceil(clock.start + offsetMs / clock.speed);
}

/** The time that the sample at this distance from the recording's beginning carries, ms. */
export function sampleTime(offsetMs: number, clock: DemoClock): number {
  return clock.anchor + Math.round(offsetMs);
}
