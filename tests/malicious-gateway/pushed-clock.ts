import { createFetchHttp, DeviceError, type Clock, type Http } from "@siphms/device";

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** This machine's clock, which a test can push forward: waits of the engine then end at once. */
export class PushedClock implements Clock {
  #aheadMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return Math.round(performance.timeOrigin + this.monotonic());
  }

  monotonic(): number {
    return performance.now() + this.#aheadMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      const sleeper = { due: this.monotonic() + ms, wake: end };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", end);
    });
  }

  /** Moves both clocks forward and wakes whoever is due. */
  push(ms: number): void {
    this.#aheadMs += ms;
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.due <= this.monotonic()) sleeper.wake();
    }
  }
}

/** The engine's HTTP by `fetch`, with timeouts that follow the pushed clock. */
export function createPushedHttp(clock: PushedClock): Http {
  const send = createFetchHttp(fetch);
  return async (request) => {
    const timeout = new AbortController();
    const done = new AbortController();
    void clock.sleep(request.timeoutMs, done.signal).then(() => timeout.abort());
    const signals = [timeout.signal, ...(request.signal === undefined ? [] : [request.signal])];
    try {
      return await send({ ...request, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (!timeout.signal.aborted || request.signal?.aborted === true) throw error;
      throw new DeviceError("NETWORK_TIMEOUT", "The gateway did not answer in time.");
    } finally {
      done.abort();
    }
  };
}
