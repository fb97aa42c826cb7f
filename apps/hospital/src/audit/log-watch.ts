import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import { readWaitingSince } from "./log-state.ts";

/** Why the log is not carried on, as a word that docs/errors.md explains. */
export type LogFault = "log-altered" | "log-waiting" | "row-forged";

/** What watching needs. */
export interface LogWatchPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the stored log was found to be another one than was signed. */
  readonly isAltered: () => boolean;
  /** Told when it begins, and each hour for as long as it lasts. */
  readonly onFault: (fault: LogFault) => Promise<void>;
}

/** Looks after whoever carries the log on: a log that stands still says so to somebody. */
export interface LogWatch {
  /** For how long the oldest entry has waited to be taken into the log, ms, when it was last looked. */
  readonly waitingMs: number;
  /** To be told that rows were found which no program of the hospital wrote. */
  noteForged(): void;
  look(): Promise<void>;
  /** Looks every half minute. */
  start(): void;
  stop(): void;
}

/** Entries are taken in each second, unless something is wrong or a transaction is left open. */
export const LOG_WAIT_LIMIT_MS: number = 5 * 60_000;
const INTERVAL_MS = 30_000;
const AGAIN_MS = 3_600_000;

/** Creates the watch. It looks at the rows themselves, not at what the sequencer says of itself. */
export function createLogWatch(ports: LogWatchPorts): LogWatch {
  const { database, clock, log } = ports;
  let waitingMs = 0;
  /** Looks in a row that found something: what was merged a moment ago has waited for hours, by its time. */
  let bad = 0;
  let isForged = false;
  let toldAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const isWaiting = async (now: number): Promise<boolean> => {
    try {
      const since = await readWaitingSince(database);
      waitingMs = since === undefined ? 0 : Math.max(0, now - since);
      return waitingMs > LOG_WAIT_LIMIT_MS;
    } catch (error) {
      log.warn("nobody could look after the audit log", errorFields(error));
      return true;
    }
  };

  const look = async (): Promise<void> => {
    const now = clock.now();
    if (isForged) await ports.onFault("row-forged");
    isForged = false;
    bad = (await isWaiting(now)) ? bad + 1 : 0;
    const fault = ports.isAltered() ? "log-altered" : bad > 1 ? "log-waiting" : undefined;
    if (fault === undefined) toldAt = undefined;
    else if (toldAt === undefined || now - toldAt >= AGAIN_MS) {
      await ports.onFault(fault);
      toldAt = now;
    }
  };

  return {
    get waitingMs() {
      return waitingMs;
    },
    noteForged() {
      isForged = true;
    },
    look,
    start() {
      const run = (): void => {
        look().catch((error: unknown) => {
          log.error("nobody was told of the audit log", errorFields(error));
        });
      };
      timer = setInterval(run, INTERVAL_MS);
      timer.unref();
    },
    stop() {
      clearInterval(timer);
    },
  };
}
