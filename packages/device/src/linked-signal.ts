/** A signal that follows several others, until it is unlinked. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Aborts this signal alone. */
  readonly abort: () => void;
  /** Takes the listeners off the parents again. Call it when the work is done, whatever came of it. */
  readonly unlink: () => void;
}

/**
 * Makes a signal that aborts when the first of its parents does.
 *
 * Not `AbortSignal.any`: that cannot be taken back, and a session lives for a day while each of its requests lives
 * for seconds.
 */
export function linkSignals(...parents: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  for (const parent of parents) {
    if (parent?.aborted === true) abort();
    else parent?.addEventListener("abort", abort, { once: true });
  }
  const unlink = (): void => {
    for (const parent of parents) parent?.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, abort, unlink };
}
