const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What the person at the terminal, or the system, asks of this process. */
export interface Signals {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  close(): void;
}

/**
 * Turns the first signal into an abort, and the second into an end at once.
 *
 * @param kill - Ends the children; called at the second signal, before this process ends.
 */
export function watchSignals(kill: () => void): Signals {
  const asked = new AbortController();
  const heard = (): void => {
    if (!asked.signal.aborted) {
      asked.abort();
      return;
    }
    kill();
    process.exit(1);
  };
  for (const name of SIGNALS) process.on(name, heard);
  return {
    signal: asked.signal,
    close: () => {
      for (const name of SIGNALS) process.off(name, heard);
    },
  };
}
