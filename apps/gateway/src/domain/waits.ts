/** Requests that are held until something happens to them. */
export interface Waits<Key, Event> {
  /**
   * Waits for the next event of `key`.
   *
   * @returns The event, or `undefined` when the time is up, the wait is cancelled, or newer waits of the same key have pushed it out.
   */
  next(key: Key, options: WaitOptions): Promise<Event | undefined>;
  /** Gives an event to all who wait for `key`. */
  tell(key: Key, event: Event): void;
  /** Ends all waits; later ones end at once. */
  endAll(): void;
  size(): number;
}

/** How long to wait, and when to stop early. */
export interface WaitOptions {
  readonly timeoutMs: number;
  /** Registers what to call when the client has gone. */
  readonly onGone: (cancel: () => void) => void;
}

/**
 * Creates the waits of one kind. Keeps nothing for a key that nobody waits for.
 *
 * @param maxPerKey - Waits that one key can have at once; a further one ends the oldest.
 */
export function createWaits<Key, Event>(maxPerKey: number): Waits<Key, Event> {
  const waiting = new Map<Key, Set<(event: Event | undefined) => void>>();
  let ended = false;

  function add(key: Key, end: (event: Event | undefined) => void): void {
    const ofKey = waiting.get(key) ?? new Set();
    waiting.set(key, ofKey);
    ofKey.add(end);
    const [oldest] = ofKey;
    if (ofKey.size > maxPerKey && oldest !== undefined) oldest(undefined);
  }

  function remove(key: Key, end: (event: Event | undefined) => void): void {
    const ofKey = waiting.get(key);
    ofKey?.delete(end);
    if (ofKey?.size === 0) waiting.delete(key);
  }

  return {
    next(key, { timeoutMs, onGone }) {
      if (ended || timeoutMs <= 0) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const end = (event: Event | undefined): void => {
          clearTimeout(timer);
          remove(key, end);
          resolve(event);
        };
        const timer = setTimeout(end, timeoutMs, undefined);
        add(key, end);
        onGone(() => {
          end(undefined);
        });
      });
    },
    tell(key, event) {
      for (const end of [...(waiting.get(key) ?? [])]) end(event);
    },
    endAll() {
      ended = true;
      for (const ofKey of [...waiting.values()]) for (const end of [...ofKey]) end(undefined);
    },
    size: () => waiting.size,
  };
}
