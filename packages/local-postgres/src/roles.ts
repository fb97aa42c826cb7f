import pg from "pg";

import type { Passwords } from "./passwords.ts";

/** The superuser of the embedded server; used by its supervisor alone. */
export const OWNER_ROLE = "siphms_owner";
/** The role that owns the schema and migrates it (`DATABASE_ADMIN_URL`). */
export const ADMIN_ROLE = "siphms_admin";
/** The role of the running service (`DATABASE_URL`): no rights but those that the migrations grant. */
export const SERVICE_ROLE = "siphms_service";
/** Name of the database inside the embedded server. */
export const DATABASE_NAME = "siphms";

/** Writes a connection address for a role, over the Unix socket in `socketDir`. */
export function connectionUrl(
  role: string,
  password: string,
  place: { readonly socketDir: string; readonly database: string },
): string {
  const host = encodeURIComponent(place.socketDir);
  return `postgresql://${role}:${encodeURIComponent(password)}@localhost/${place.database}?host=${host}`;
}

/** Makes the two roles and the database where they are missing, and sets the passwords; may be repeated at will. */
export async function prepareRoles(ownerUrl: string, passwords: Passwords): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  // A server that is killed between two statements is told by an event; without a listener that would end this process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await ensureRole(client, ADMIN_ROLE, passwords.admin);
    await ensureRole(client, SERVICE_ROLE, passwords.service);
    const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [
      DATABASE_NAME,
    ]);
    if (found.rowCount === 0) {
      await client.query(`CREATE DATABASE ${DATABASE_NAME} OWNER ${ADMIN_ROLE}`);
    }
    await client.query(`REVOKE ALL ON DATABASE ${DATABASE_NAME} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${DATABASE_NAME} TO ${SERVICE_ROLE}`);
  } finally {
    await client.end();
  }
}

async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  const found = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
  const verb = found.rowCount === 0 ? "CREATE" : "ALTER";
  // PostgreSQL takes no parameters in these statements.
  await client.query(
    `${verb} ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
  );
}
