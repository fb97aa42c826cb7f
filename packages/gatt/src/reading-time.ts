import type { MeterClock } from "./meter-clock.ts";

/** When a reading was taken, as far as that is known. */
export interface ReadingTime {
  /** ms since 1970 UTC; never after the arrival. */
  readonly at: number;
  /** `meter`: its timestamp, corrected. `arrival`: when it came to us. */
  readonly source: "meter" | "arrival";
  /** The meter gave a time that cannot be used, or doubts it itself: `at` is the best there is, and to be shown as such. */
  readonly isEstimated: boolean;
}

/** What a measurement says about its time. */
export interface MeterTime {
  /** It has no timestamp and does not come from a memory, so it is of now. */
  readonly isLive: boolean;
  /** By the meter's own clock; `undefined` where it is not known. */
  readonly localMs: number | undefined;
  /** The meter says that its time may be wrong. */
  readonly isDoubtful: boolean;
}

/** A corrected time may lie this much behind the arrival: seconds are cut off, clocks are compared over a radio. */
const TOLERANCE_MS = 60_000;
const EARLIEST: number = Date.UTC(2000, 0, 1);

/**
 * Finds out when a reading was taken.
 *
 * A corrected time in the future, or before 2000, shows that the clock was not what it was taken for: then the arrival counts.
 *
 * @param clock - What is known of the meter's clock; `undefined`: nothing, and its timestamps are of no use.
 */
export function readingTime(
  { isLive, localMs, isDoubtful }: MeterTime,
  arrivedAt: number,
  clock: MeterClock | undefined,
): ReadingTime {
  if (!Number.isSafeInteger(arrivedAt) || arrivedAt < EARLIEST)
    throw new RangeError("arrivedAt: not a time of this century in ms");
  if (isLive) return { at: arrivedAt, source: "arrival", isEstimated: false };
  const estimate: ReadingTime = { at: arrivedAt, source: "arrival", isEstimated: true };
  if (localMs === undefined || clock === undefined) return estimate;
  const at = Math.round(localMs + clock.offsetMs);
  // Written so that an offset of NaN is refused too.
  if (!(at >= EARLIEST && at <= arrivedAt + TOLERANCE_MS)) return estimate;
  return { at: Math.min(at, arrivedAt), source: "meter", isEstimated: isDoubtful };
}
