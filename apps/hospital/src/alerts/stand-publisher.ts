import { setTimeout as sleep } from "node:timers/promises";
import type { AlertStand } from "@siphms/api";
import { errorFields, type Logger } from "@siphms/server-kit";

/** What publishing needs. */
export interface StandPublisherPorts {
  readonly stands: (patientIds: readonly string[]) => Promise<ReadonlyMap<string, AlertStand>>;
  readonly publish: (patientId: string, stand: AlertStand) => void;
  readonly log: Logger;
  /** Waits so many milliseconds; the timer, but for tests. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Tells the open screens how patients' alerts stand. */
export interface StandPublisher {
  /** Something has changed about these patients. Returns at once; what goes wrong is logged. */
  changed(patientIds: readonly string[]): void;
  /** Waits until everything is told. */
  settled(): Promise<void>;
}

/** The first is told at once; what changes in the next moment is told together. */
const TOGETHER_MS = 250;
/** After what failed it waits, each time twice as long, but no longer than this. */
const MAX_PAUSE_MS = 30_000;

function wait(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}

/** Creates a publisher that reads what it tells when it tells it, so that the last word is always the newest. */
export function createStandPublisher(ports: StandPublisherPorts): StandPublisher {
  const { stands, publish, log, pause = wait } = ports;
  const waiting = new Set<string>();
  let running: Promise<void> | undefined;

  const tell = async (ids: readonly string[]): Promise<void> => {
    for (const [id, stand] of await stands(ids)) publish(id, stand);
  };

  /** @returns those who could not be told. */
  const tellEach = async (ids: readonly string[]): Promise<readonly string[]> => {
    const failed: string[] = [];
    for (const id of ids) await tell([id]).catch(() => failed.push(id));
    return failed;
  };

  const tellAll = async (): Promise<void> => {
    let pauseMs = TOGETHER_MS;
    while (waiting.size > 0) {
      const ids = [...waiting];
      waiting.clear();
      try {
        await tell(ids);
        pauseMs = TOGETHER_MS;
      } catch (error) {
        // One of them, or the database: each alone, so that one cannot hold up the others.
        const failed = await tellEach(ids);
        for (const id of failed) waiting.add(id);
        if (failed.length > 0) {
          log.error("alerts were not shown live", { count: failed.length, ...errorFields(error) });
          pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
        }
      }
      await pause(pauseMs);
    }
  };

  return {
    changed(patientIds) {
      for (const id of patientIds) waiting.add(id);
      if (waiting.size === 0) return;
      running ??= tellAll().finally(() => {
        running = undefined;
      });
    },
    async settled() {
      await running;
    },
  };
}
