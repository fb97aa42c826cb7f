import { setTimeout as timer } from "node:timers/promises";
import type { LogHead } from "../audit/index.ts";
import { Errand, type ErrandPorts } from "./errand.ts";
import type { Witness } from "./settings.ts";

/** What the job works with. */
export interface WitnessJobPorts extends Omit<ErrandPorts, "wait"> {
  readonly witnesses: readonly Witness[];
  /** By default a timer. */
  readonly wait?: ErrandPorts["wait"];
}

/** Takes each new head of the audit log to its witnesses. */
export interface WitnessJob {
  /** There is a new head. Returns at once. */
  wake(head: LogHead): void;
  start(): void;
  /** Shows the newest head once more where a witness has not seen it, and ends. */
  stop(): Promise<void>;
  /** For how long the head waits that has waited longest for a witness, ms; 0 where none does. */
  waitingMs(): number;
}

/**
 * Creates the job: of the heads that come while a witness is asked the newest is shown next, at most one a second. Each
 * witness is asked for itself: one that is away holds up no other.
 *
 * Administrators get a system alert when a witness has not cosigned for 15 minutes although there was something to
 * cosign, and at once when it has cosigned another history than this database holds; and again each hour for as long as that
 * lasts.
 */
export function createWitnessJob({
  witnesses,
  wait = waitTimer,
  ...ports
}: WitnessJobPorts): WitnessJob {
  const errands = witnesses.map((witness) => new Errand(witness, { ...ports, wait }));
  return {
    wake(head) {
      for (const errand of errands) errand.wake(head);
    },
    start() {
      for (const errand of errands) errand.start();
    },
    async stop() {
      await Promise.all(errands.map((errand) => errand.stop()));
    },
    waitingMs: () => Math.max(0, ...errands.map((errand) => errand.waitingMs)),
  };
}

async function waitTimer(ms: number, signal: AbortSignal): Promise<void> {
  await timer(ms, undefined, { signal }).catch(() => undefined);
}
