import type { Clock, Logger } from "@siphms/server-kit";
import { appendAudit, beginNextLog } from "./audit/index.ts";
import { ASK_FOR_SERVER, type Transaction } from "./database/index.ts";
import type { InstalledFoundation } from "./foundation.ts";
import { closeAllSessions } from "./sessions/index.ts";
import { deleteAllAccess } from "./staff/index.ts";

/**
 * Looks whether the database is still served by the server that it was served by before. Where it is not, a standby was promoted
 * or a server was recovered to a point in time, and the last moments may be lost: every session with a device is closed and its
 * keys are erased, since numbers could be used a second time under them; staff sign in anew, and the audit log goes on under
 * the next origin, since its witnesses may have seen more of it.
 *
 * To be called before anything of a session is served. Any number of hospital processes may call it at once: one of them does it.
 *
 * @returns whether it is another server.
 */
export async function recogniseServer(
  { database, keyring, crypto, installation }: InstalledFoundation,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<boolean> {
  const { hospitalId } = installation;
  const closed = await database.withTransaction(async (tx) => {
    const server = await askForServer(tx);
    if (!(await isAnother(tx, server))) return undefined;
    const now = clock.now();
    const sessions = await closeAllSessions(tx, now);
    await deleteAllAccess(tx);
    const next = { hospitalId, now, actor: "hospital", why: "restored" } as const;
    await beginNextLog(tx, next, { keyring, crypto });
    await appendAudit(tx, [
      {
        ...{ at: now, event: "hospital.server-changed", actor: "hospital", object: server },
        ...{ action: "execute", outcome: "done", detail: { closedSessions: sessions } },
      },
    ]);
    await tx.query("UPDATE known_server SET server = $1", [server]);
    return sessions;
  });
  if (closed === undefined) return false;
  log.warn("the database is another server than before: all sessions are closed", {
    count: closed,
  });
  return true;
}

async function askForServer(tx: Transaction): Promise<string> {
  const { rows } = await tx.query(ASK_FOR_SERVER);
  return rows[0]?.text("server") ?? "";
}

/** Whoever comes at the same time waits for the row, and then finds what the first has stored. */
async function isAnother(tx: Transaction, server: string): Promise<boolean> {
  const { count } = await tx.query(
    "INSERT INTO known_server (server) VALUES ($1) ON CONFLICT DO NOTHING",
    [server],
  );
  if (count === 1) return false;
  const { rows } = await tx.query("SELECT server FROM known_server FOR UPDATE");
  return rows[0]?.text("server") !== server;
}
