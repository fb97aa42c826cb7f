/** Runs something again and again, never twice at once. */
export interface Pulse {
  /** Runs at once, and then at each beat. */
  start(): void;
  /** Ends that, after a last run. */
  stop(): Promise<void>;
}

/** After each run at least so many times as long as it took: what takes long must not take everything. */
const REST = 4;

/** @param run - Never rejects. */
export function createPulse(run: () => Promise<void>, everyMs: number): Pulse {
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let restsUntil = 0;

  const runAlone = (): Promise<void> => {
    const began = performance.now();
    running ??= run().finally(() => {
      running = undefined;
      restsUntil = performance.now() + REST * (performance.now() - began);
    });
    return running;
  };

  return {
    start() {
      void runAlone();
      timer = setInterval(() => {
        if (performance.now() >= restsUntil) void runAlone();
      }, everyMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await running;
      await runAlone();
    },
  };
}
