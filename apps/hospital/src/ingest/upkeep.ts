import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import { RESPONSE_LIFE_MS } from "./decide.ts";

/** What upkeep needs. */
export interface UpkeepPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** Erases sessions that are long over. */
  readonly eraseSessions: () => Promise<number>;
}

/** Partitions of `batches` made ahead, in months. */
const MONTHS_AHEAD = 3;
const INTERVAL_MS = 3_600_000;
/** Envelopes that got no answer are kept this long. */
const REFUSED_LIFE_MS = 90 * 86_400_000;

/**
 * Does once what has to be done every hour: makes the partitions of the months to come, and erases sessions, responses
 * and refused envelopes whose time is over.
 */
export async function runUpkeep(ports: UpkeepPorts): Promise<void> {
  const { database, clock } = ports;
  const now = clock.now();
  for (let ahead = -1; ahead <= MONTHS_AHEAD; ahead++) {
    await database.query("SELECT make_batches_month($1::date) AS made", [monthOf(now, ahead)]);
  }
  await ports.eraseSessions();
  await database.query(
    "UPDATE requests SET answer = NULL WHERE answer IS NOT NULL AND created_at < $1",
    [now - RESPONSE_LIFE_MS],
  );
  await database.query("DELETE FROM refused WHERE last_at < $1", [now - REFUSED_LIFE_MS]);
}

/** Runs upkeep every hour. @returns what ends that. */
export function startUpkeep(ports: UpkeepPorts): () => void {
  const timer = setInterval(() => {
    runUpkeep(ports).catch((error: unknown) => {
      ports.log.error("upkeep failed", errorFields(error));
    });
  }, INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** The first day of the month so many months from a time, `YYYY-MM-DD`. */
function monthOf(time: number, ahead: number): string {
  const date = new Date(time);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1))
    .toISOString()
    .slice(0, 10);
}
