import { setTimeout as sleep } from "node:timers/promises";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import { isPassed, readStoredMessages, setAuditFence, type AuditFence } from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findDueDays, makeDueDay, noteFailure } from "./due-days.ts";
import { markDueHours } from "./due-hours.ts";
import { storeProgress, whileAlone } from "./progress.ts";
import { readTouchedHours } from "./touched-hours.ts";

/** What the job needs. */
export interface SummaryJobPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly log: Logger;
  /** Waits so many milliseconds; the timer, but for tests. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Keeps hourly and daily summaries true to what is stored. */
export interface SummaryJob {
  /** Takes in everything that was stored before this call, and makes what is due. */
  run(): Promise<void>;
  /** Runs at once and then every minute. */
  start(): void;
  /** Ends that, after what is being made. */
  stop(): Promise<void>;
}

const INTERVAL_MS = 60_000;
/** Entries of the audit log gone through in one transaction. */
const CHUNK = 5000;
const FENCE_PAUSE_MS = 100;
/** After this the fence is left to the next run: a transaction that takes minutes is somebody at work on the database. */
const MAX_FENCE_PAUSES = 100;

/**
 * Creates the job that makes summaries.
 *
 * What there is to do stands in the database alone: how far the audit log is gone through, and which hours are due. So a
 * program that is killed leaves nothing undone that the next one does not find, and of several programs one works at a time.
 */
export function createSummaryJob(ports: SummaryJobPorts): SummaryJob {
  const { clock, log } = ports;
  let isStopped = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const context: Context = { ...ports, isStopped: () => isStopped };

  const run = async (): Promise<void> => {
    const at = clock.now();
    const fence = await setAuditFence(ports.database);
    if (await waitUntilPassed(fence, context)) {
      while (!isStopped && (await markNext({ ...fence, at }, context)));
    } else if (!isStopped) {
      log.warn("summaries wait for a transaction that does not end");
    }
    while (!isStopped && (await makeNext(context)));
  };

  const runAlone = (): void => {
    running ??= run()
      .catch((error: unknown) => {
        log.error("summaries were not made", errorFields(error));
      })
      .finally(() => {
        running = undefined;
      });
  };

  return {
    run,
    start() {
      runAlone();
      timer = setInterval(runAlone, INTERVAL_MS);
      timer.unref();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

interface Context extends SummaryJobPorts {
  readonly isStopped: () => boolean;
}

async function waitUntilPassed(
  fence: AuditFence,
  { database, isStopped, pause = (ms) => sleep(ms) }: Context,
): Promise<boolean> {
  for (let attempt = 0; attempt <= MAX_FENCE_PAUSES && !isStopped(); attempt++) {
    if (await isPassed(database, fence)) return true;
    await pause(FENCE_PAUSE_MS);
  }
  return false;
}

/** Goes through the next entries up to a fence that is passed. @returns whether there may be more. */
async function markNext(
  fence: AuditFence & { readonly at: number },
  { database, keyring, log }: Context,
): Promise<boolean> {
  const hasMore = await whileAlone(database, async (tx, doneId) => {
    const upTo = Math.min(doneId + CHUNK, fence.id);
    const messages = await readStoredMessages(tx, { after: doneId, upTo });
    const touched = await readTouchedHours(tx, messages, keyring);
    if (touched.unopened > 0) {
      log.error("messages for summaries do not open", { count: touched.unopened });
    }
    await markDueHours(tx, touched);
    const isAll = upTo >= fence.id;
    const reached = { doneId: Math.max(doneId, upTo), at: isAll ? fence.at : undefined };
    await storeProgress(tx, reached);
    return !isAll;
  });
  return hasMore ?? false;
}

/** Makes what is due, as far as it was found at once. @returns whether there may be more. */
async function makeNext({ database, keyring, clock, log, isStopped }: Context): Promise<boolean> {
  let made = 0;
  for (const day of await findDueDays(database, clock.now())) {
    if (isStopped()) return false;
    try {
      const now = clock.now();
      const hours = await whileAlone(database, (tx) => makeDueDay(tx, day, { keyring, now }));
      if (hours === undefined) return false;
      made += hours;
    } catch (error) {
      log.error("a summary was not made", errorFields(error));
      await noteFailure(database, day, clock.now());
    }
  }
  return made > 0;
}
