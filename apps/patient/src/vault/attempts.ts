/** How many wrong PINs destroy the PIN's wrapping. */
export const MAX_WRONG = 10;
/** From this wrong PIN on a caller is told how many tries are left. */
const TELL_FROM = 6;

const MINUTE_MS = 60_000;
/** What has to pass after the nth wrong PIN in a row: none twice, then 30 s, 1, 2, 5, 10, 15 and 30 minutes. */
const WAITS_MS: readonly number[] = [
  0,
  0,
  0,
  MINUTE_MS / 2,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
];

/** How long to wait after `failures` wrong PINs in a row, in ms. */
export function waitAfterMs(failures: number): number {
  return WAITS_MS[failures] ?? 30 * MINUTE_MS;
}

/** How many tries are left, once that has to be said; before it `undefined`. */
export function triesLeft(failures: number): number | undefined {
  return failures < TELL_FROM ? undefined : Math.max(0, MAX_WRONG - failures);
}

/**
 * What one open page knows of the waiting time.
 *
 * Only the monotonic clock counts, and only from when this page saw the attempt: the wall clock can be set, and
 * another page's clock cannot be read. So an app that is closed while it waits begins the wait anew, which costs the
 * patient a little and gives a thief nothing.
 */
export class WaitKeeper {
  readonly #monotonic: () => number;
  #tries: number | undefined;
  #since = 0;

  /** @param monotonic - A clock in ms that never goes back. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /**
   * How much of the wait is left.
   *
   * @param tries - The attempts ever counted: one that this page has not seen begins the wait.
   * @param failures - Wrong PINs in a row.
   */
  leftMs(tries: number, failures: number): number {
    const now = this.#monotonic();
    if (tries !== this.#tries) {
      this.#tries = tries;
      this.#since = now;
    }
    return Math.max(0, waitAfterMs(failures) - (now - this.#since));
  }
}
