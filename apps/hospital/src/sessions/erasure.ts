import type { Clock } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import type { LiveSessions } from "./live-sessions.ts";

/** How long after `expires` envelopes of a session can still come: as long as a gateway keeps them (protocol section 5). */
const GRACE_MS = 72 * 60 * 60 * 1000;
/** Sessions erased by one transaction, so that none takes long. */
const STEP = 100;

/** Erases sessions, their keys and their stored answers once nothing of them can come any more. */
export async function eraseEnded({
  database,
  clock,
  live,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LiveSessions;
}): Promise<number> {
  let erased = 0;
  for (;;) {
    const sids = await database.withTransaction(async (tx) => {
      const { rows } = await tx.query(
        `SELECT sid FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT ${STEP}
         FOR UPDATE SKIP LOCKED`,
        [clock.now() - GRACE_MS],
      );
      const due = rows.map((row) => row.bytes("sid"));
      await tx.query("DELETE FROM session_seqs WHERE sid = ANY($1::bytea[])", [due]);
      await tx.query("DELETE FROM sessions WHERE sid = ANY($1::bytea[])", [due]);
      return due;
    });
    for (const sid of sids) live.forget(sid);
    erased += sids.length;
    if (sids.length < STEP) return erased;
  }
}
