import { createDeferred } from "./deferred.ts";
import { errorFields, type Logger } from "./logger.ts";

/** One thing to be closed when a program ends. */
export interface StopStep {
  /** A short word for the log. */
  readonly name: string;
  readonly stop: () => void | Promise<void>;
}

/** The part of `process` that tells a program to end. */
export interface SignalSource {
  on(event: "SIGINT" | "SIGTERM" | "disconnect", listener: () => void): unknown;
  off(event: "SIGINT" | "SIGTERM" | "disconnect", listener: () => void): unknown;
}

/** Knows what a program has opened and closes it in order. */
export interface Lifecycle {
  /**
   * Registers a step; steps run in the opposite order of their registration. One that comes when the stop has begun (a
   * signal during the start) runs at once: what was opened last is closed first.
   */
  onStop(step: StopStep): void;
  /** Runs all steps once; further calls wait for the same end. `false` if a step failed or the time ran out. */
  stop(reason: string): Promise<boolean>;
  /** Waits for SIGINT, SIGTERM, the end of the parent's IPC channel or {@link stop}; the exit code is 0 for a clean end, else 1. */
  untilStopped(): Promise<number>;
}

/** What {@link createLifecycle} needs. */
export interface LifecycleOptions {
  readonly log: Logger;
  /** Milliseconds for all steps together. */
  readonly graceMs: number;
  /** Defaults to `process`. */
  readonly signals?: SignalSource;
  /** Called at a second signal: the operator does not want to wait. Defaults to `process.exit`. */
  readonly exitNow?: (code: number) => void;
}

/**
 * Creates the lifecycle of one program.
 *
 * A child that was started with an IPC channel ends when its parent is gone, however the parent died.
 */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { log, graceMs } = options;
  const signals = options.signals ?? process;
  const exitNow = options.exitNow ?? ((code: number) => process.exit(code));
  const steps: StopStep[] = [];
  const ended = createDeferred<boolean>();
  let stopping: Promise<boolean> | undefined;
  let asked = 0;

  function stop(reason: string): Promise<boolean> {
    stopping ??= runSteps(steps, { log, graceMs, reason });
    stopping.then(ended.resolve, ended.reject);
    return stopping;
  }

  function heard(reason: string): void {
    asked += 1;
    if (asked > 1) exitNow(1);
    else void stop(reason);
  }

  return {
    onStop(step) {
      if (stopping === undefined) steps.push(step);
      else void runEach([step], log);
    },
    stop,
    async untilStopped() {
      const listeners = (["SIGINT", "SIGTERM", "disconnect"] as const).map((event) => ({
        event,
        listener: () => {
          heard(event);
        },
      }));
      for (const { event, listener } of listeners) signals.on(event, listener);
      const clean = await ended.promise;
      for (const { event, listener } of listeners) signals.off(event, listener);
      return clean ? 0 : 1;
    },
  };
}

interface StopRun {
  readonly log: Logger;
  readonly graceMs: number;
  readonly reason: string;
}

async function runSteps(steps: readonly StopStep[], run: StopRun): Promise<boolean> {
  run.log.info("stopping", { reason: run.reason });
  const timeout = createDeferred<boolean>();
  const timer = setTimeout(() => {
    run.log.error("stopping took too long", { durationMs: run.graceMs });
    timeout.resolve(false);
  }, run.graceMs);
  const clean = await Promise.race([runEach(steps.toReversed(), run.log), timeout.promise]);
  clearTimeout(timer);
  run.log.info("stopped", { outcome: clean ? "clean" : "unclean" });
  return clean;
}

async function runEach(steps: readonly StopStep[], log: Logger): Promise<boolean> {
  let clean = true;
  for (const step of steps) {
    try {
      await step.stop();
    } catch (error) {
      // The later steps (a database, a lock) must close all the same.
      clean = false;
      log.error("a part did not stop cleanly", { step: step.name, ...errorFields(error) });
    }
  }
  return clean;
}
