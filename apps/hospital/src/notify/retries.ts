const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** How long to wait after the first, second … failed try, and after each later one. */
const DELAYS_MS = [
  5 * SECOND_MS,
  15 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  2 * MINUTE_MS,
] as const;
const LAST_DELAY_MS = 5 * MINUTE_MS;

/** After this a delivery is given up: news of an alert that is an hour old must come by another way. */
export const GIVE_UP_MS = 60 * MINUTE_MS;

/** So many failed tries open a system alert, without waiting for the end: about a minute after the first. */
export const ALARMING_TRIES = 4;

/** When a delivery that was queued at `toldAt` is given up. */
export function giveUpAt(toldAt: number): number {
  return toldAt + GIVE_UP_MS;
}

/** When to try again after a failed try, the first being 1. The last try is made when the time is up, not before. */
export function nextTryAt(failed: {
  readonly attempt: number;
  readonly toldAt: number;
  readonly at: number;
}): number {
  const delay = DELAYS_MS[failed.attempt - 1] ?? LAST_DELAY_MS;
  return Math.min(failed.at + delay, giveUpAt(failed.toldAt));
}
