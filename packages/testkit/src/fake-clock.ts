import type { Clock } from "@siphms/device";

/** Someone who sleeps, and when he is to be woken by the monotonic clock. */
interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still until a test moves it: wall time, monotonic time and sleeping.
 */
export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** @param startMs - Wall time at the start; an invented day of 2026 unless said otherwise. */
  constructor(startMs: number = Date.UTC(2026, 0, 5, 8)) {
    this.#wall = startMs;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** How many sleep at this moment: lets a test wait until the code under test does. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const sleeper: Sleeper = {
        due: this.#monotonic + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /**
   * Moves both clocks forward, and wakes whoever is due in the order of their times. Each gets a turn of the
   * event loop before time goes on, so that one who sleeps again meanwhile is woken in time as well.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#monotonic + ms;
    for (let next = this.#nextDue(target); next !== undefined; next = this.#nextDue(target)) {
      this.#moveTo(Math.max(this.#monotonic, next.due));
      this.#sleepers.delete(next);
      next.wake();
      await turn();
    }
    this.#moveTo(target);
    await turn();
  }

  /** Lets the wall clock jump, as when somebody sets the phone's time; nobody is woken. */
  skewWall(ms: number): void {
    this.#wall += ms;
  }

  #moveTo(monotonic: number): void {
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #nextDue(target: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.due <= target && (next === undefined || sleeper.due < next.due)) next = sleeper;
    }
    return next;
  }
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
