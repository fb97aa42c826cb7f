/** A value that tells when it changed: what `useSyncExternalStore` wants. */
export interface Observable<T> {
  /** The value now; the same object until it changes. */
  readonly snapshot: () => T;
  /** Calls `listener` after each change; returns how to stop. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** An {@link Observable} that its owner changes. */
export class Observed<T> implements Observable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  /** @param value - What it begins with. */
  constructor(value: T) {
    this.#value = value;
  }

  readonly snapshot = (): T => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    // A function of its own, so that one listener can stand here twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  };

  /** Changes the value and tells all who listen. The same value changes nothing. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Tells nobody any more of those who listen. */
  silence(): void {
    this.#listeners.clear();
  }
}
