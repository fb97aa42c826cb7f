/** A bell: those who wait are woken by the next ring. Used by loops that look at shared state after each change. */
export interface Notifier {
  /** Resolves at the next {@link ring}. Take it before looking at the state, or a ring in between is missed. */
  readonly next: () => Promise<void>;
  /** Wakes all who wait. */
  readonly ring: () => void;
}

/** Makes a bell. */
export function createNotifier(): Notifier {
  let waiting: (() => void)[] = [];
  return {
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
    ring: () => {
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
  };
}
