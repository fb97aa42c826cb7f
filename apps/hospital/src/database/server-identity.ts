import type pg from "pg";
import { DatabaseError } from "./error.ts";

/**
 * Names the server and the line of its history that is written now: another one after a standby was promoted or a server was
 * recovered to a point in time. Fails on a standby. What a checkpoint says of the timeline is behind it for a while.
 */
export const ASK_FOR_SERVER = `SELECT system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
  AS server FROM pg_control_system()`;

/**
 * Makes what a pool asks of each new connection: whether it reaches the server that the first one reached. What is kept of
 * another server's rows, numbers of sessions above all, is not true of this one.
 *
 * @param onChanged - Told of the first connection that does not; each of them is closed, and nothing is asked of it.
 */
export function createServerCheck(
  onChanged: () => void,
): (client: pg.PoolClient, done: (error?: Error) => void) => void {
  let known: string | undefined;
  let isChanged = false;
  const check = async (client: pg.PoolClient): Promise<void> => {
    const { rows } = await client.query<{ server: string }>(ASK_FOR_SERVER);
    const server = rows[0]?.server;
    known ??= server;
    if (server === known) return;
    if (!isChanged) onChanged();
    isChanged = true;
    throw new DatabaseError("SERVER_CHANGED", "the database is served by another server");
  };
  return (client, done) => {
    check(client).then(() => {
      done();
    }, done);
  };
}
