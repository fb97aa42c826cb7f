/** Where a server takes the time from; tests hand in one that they move themselves. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
}

/** The machine's clock. Only a program's `main.ts` takes it; everything else is handed a {@link Clock}. */
export const systemClock: Clock = { now: () => Date.now() };
