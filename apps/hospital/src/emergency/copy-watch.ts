import { errorFields, type Logger } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";

/** Knows up to when a copy of the records goes. */
export interface CopyWatch {
  /** The time of the newest thing that the hospital noted and the copy has, ms; 0 where that is not known. */
  readonly asOf: () => number;
  stop(): void;
}

/** A replica that still follows goes on while it is looked at. */
const LOOK_EVERY_MS = 15_000;

/**
 * What was noted when the copy was restored, or when a log or emergency mode was begun, says nothing of how new the records are:
 * a backup of yesterday that is restored today ends yesterday.
 */
const NEWEST = `SELECT at FROM audit_events
  WHERE event NOT LIKE 'audit.%' AND event NOT LIKE 'emergency.%'
    AND event NOT IN ('hospital.restored', 'hospital.server-changed')
  ORDER BY id DESC LIMIT 1`;

/**
 * Watches a copy of the records. The audit log says when the hospital did something last, whatever kind of copy it is: a server
 * in recovery says when it last replayed anything, and a backup that was restored says nothing.
 */
export async function watchCopy(database: Database, log: Logger): Promise<CopyWatch> {
  let asOf = 0;
  const look = async (): Promise<void> => {
    const { rows } = await database.query(NEWEST);
    asOf = rows[0]?.number("at") ?? 0;
  };
  await look();
  const timer = setInterval(() => {
    look().catch((error: unknown) => {
      log.warn("the copy of the records does not answer", errorFields(error));
    });
  }, LOOK_EVERY_MS);
  return {
    asOf: () => asOf,
    stop: () => {
      clearInterval(timer);
    },
  };
}
