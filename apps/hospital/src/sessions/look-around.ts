import { toHex } from "@siphms/cose";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import type { HospitalKeys } from "../keys/index.ts";
import { announceInOpenSessions, type AnnouncementPorts } from "./announcements.ts";
import { ANSWER_MS } from "./closing.ts";
import type { LiveSessions } from "./live-sessions.ts";
import { deliverWaiting } from "./notices.ts";
import type { GatewayLink } from "./ports.ts";

/** What looking around needs. */
export interface LookAroundPorts extends AnnouncementPorts {
  readonly hospital: Pick<HospitalKeys, "identity" | "identities" | "refresh">;
}

/** A transaction that closes sessions is over by then, and the clocks of two processes are not so far apart. */
const CLOSED_LATELY_MS = 60_000;

/**
 * Creates what does, each time it is called, what another process on the same database has left to do for the gateways
 * that are connected here: takes over new keys of the hospital, closes sessions, delivers notices.
 */
export function createLookAround(ports: LookAroundPorts): () => Promise<void> {
  const { hospital } = ports;
  let announced: number | undefined;
  // What is closed here is told at once; told a second time, it changes nothing at the gateway.
  let told: ReadonlySet<string> = new Set();
  return async () => {
    const closed: string[] = [];
    for (const gateway of ports.link.connected()) {
      const now = ports.clock.now();
      const span = { since: now - CLOSED_LATELY_MS, until: now - ANSWER_MS };
      closed.push(...(await tellClosed({ gateway, ...span, told }, ports)));
      await deliverWaiting({ gateway, isNew: false }, ports);
    }
    told = new Set(closed);
    // Last, because it fails where a key was altered, and then sessions have to be closed all the same.
    await hospital.refresh();
    const newest = hospital.identity.id;
    // At the first look too: whoever made the key may have been killed before everybody was told.
    if (newest !== announced) await announceInOpenSessions(ports);
    announced = newest;
  };
}

/**
 * Tells a gateway which of its sessions were closed and still have a pass that lives, but for those it was told.
 *
 * @returns The sids of all of them, as hexadecimal text.
 */
export async function tellClosed(
  where: {
    readonly gateway: string;
    /** ms, both: when they were closed. */
    readonly since: number;
    readonly until: number;
    readonly told: ReadonlySet<string>;
  },
  ports: {
    readonly database: Database;
    readonly clock: Clock;
    readonly live: LiveSessions;
    readonly link: GatewayLink;
  },
): Promise<readonly string[]> {
  const { database, clock, live, link } = ports;
  const { rows } = await database.query(
    `SELECT sid FROM sessions
     WHERE gateway = $1 AND closed_at IS NOT NULL AND expires_at > $2 AND closed_at BETWEEN $3 AND $4`,
    [where.gateway, clock.now(), where.since, where.until],
  );
  return rows.map((row) => {
    const sid = row.bytes("sid");
    const id = toHex(sid);
    if (!where.told.has(id)) {
      live.forget(sid);
      link.closeSession(where.gateway, sid);
    }
    return id;
  });
}

/** Runs a task again and again with a pause between, until the result is called. A failure is logged and tried again. */
export function repeat(
  task: () => Promise<void>,
  { everyMs, log }: { readonly everyMs: number; readonly log: Logger },
): () => void {
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    task()
      .catch((error: unknown) => {
        log.warn("not up to date with other processes", errorFields(error));
      })
      .finally(() => {
        isRunning = false;
      });
  }, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
