import { randomInt } from "node:crypto";

/** How long to wait before the next attempt to connect. */
export interface Backoff {
  /** ms; longer after each call, with jitter, so that many hospitals do not come back in the same instant. */
  next(): number;
  /** To be called when a connection has held for a while. */
  reset(): void;
}

const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** Creates a backoff that doubles from a quarter of a second to half a minute, each wait half fixed and half random. */
export function createBackoff(random: (below: number) => number = randomInt): Backoff {
  let limitMs = FIRST_MS;
  return {
    next() {
      const half = limitMs / 2;
      const waitMs = half + random(Math.ceil(half) + 1);
      limitMs = Math.min(limitMs * 2, LONGEST_MS);
      return waitMs;
    },
    reset() {
      limitMs = FIRST_MS;
    },
  };
}
