import { CliError } from "../../cli-error.ts";
import { watchSignals } from "../../installation/signals.ts";
import type { Output } from "../../output.ts";

/** How something that a bench has started ends. */
export interface BenchPart {
  /** In order, at the end of the bench however it came. */
  stop(): Promise<void>;
  /** At once and without waiting: at the second Ctrl-C. */
  kill?(): void;
}

/** The life of one bench: what is started in it is stopped when it ends, also after a failure and after Ctrl-C. */
export interface BenchScope {
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** Says on standard error what goes on. */
  readonly say: (line: string) => void;
  /** Takes what has to end; stopped in the opposite order. */
  readonly hold: (part: BenchPart) => void;
}

/**
 * Runs a bench and stops everything that it holds, in the opposite order.
 *
 * @throws {CliError} when it was ended by Ctrl-C; a second one ends everything at once.
 */
export async function withBenchScope<T>(
  output: Output,
  work: (scope: BenchScope) => Promise<T>,
): Promise<T> {
  const parts: BenchPart[] = [];
  const signals = watchSignals(() => {
    for (const part of parts.toReversed()) part.kill?.();
  });
  const { signal } = signals;
  const state = { isOver: false };
  const hold = (part: BenchPart): void => {
    // Whoever was in the middle of a start when the end came has nobody else to stop it.
    if (state.isOver) void part.stop();
    else parts.push(part);
  };
  try {
    const say = (line: string): void => output.note(line);
    return await Promise.race([work({ signal, say, hold }), stopped(signal)]);
  } finally {
    state.isOver = true;
    for (const part of parts.toReversed()) await part.stop();
    signals.close();
  }
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new CliError("Stopped before the end.")), {
      once: true,
    });
  });
}
