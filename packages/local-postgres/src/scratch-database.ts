import pg from "pg";

import { ADMIN_ROLE } from "./roles.ts";
import type { LocalPostgres } from "./start.ts";

/** An empty database beside the real one, for trying something out. */
export interface ScratchDatabase {
  /** Address for the role that owns it. */
  readonly url: string;
  drop(): Promise<void>;
}

const NAME = "siphms_scratch";

/** Makes the one scratch database of a server. What an earlier one left that was killed is dropped first. */
export async function createScratchDatabase(server: LocalPostgres): Promise<ScratchDatabase> {
  await run(server, [
    `DROP DATABASE IF EXISTS ${NAME} WITH (FORCE)`,
    `CREATE DATABASE ${NAME} OWNER ${ADMIN_ROLE}`,
    `REVOKE ALL ON DATABASE ${NAME} FROM PUBLIC`,
  ]);
  const url = new URL(server.adminUrl);
  url.pathname = `/${NAME}`;
  return {
    url: url.href,
    drop: () => run(server, [`DROP DATABASE IF EXISTS ${NAME} WITH (FORCE)`]),
  };
}

async function run(server: LocalPostgres, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server.ownerUrl });
  // A server that stops meanwhile is told by an event as well as by the statement.
  client.on("error", () => undefined);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
