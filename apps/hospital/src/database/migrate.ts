import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { CopyTransaction } from "./copy-transaction.ts";
import { DatabaseError } from "./error.ts";
import { connectionOptions, unreachable } from "./link.ts";

/** Where the migrations lie: beside `src` and `dist` alike. */
export const MIGRATIONS_FOLDER: string = fileURLToPath(
  new URL("../../migrations/", import.meta.url),
);

/** What a run of {@link migrate} did. */
export interface MigrationReport {
  readonly applied: readonly string[];
  readonly alreadyThere: number;
}

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Any two migrators of one database meet at this lock. The number has no meaning but to be the same everywhere. */
const LOCK = 7_354_001;
const FILE_NAME = /^([0-9]{4})-[a-z0-9-]+\.sql$/;
/** The service may add to these and read them, never change or delete (SR-64). */
export const APPEND_ONLY: readonly string[] = [
  "public.activity_reviews",
  "public.audit_checkpoints",
  "public.audit_cosignatures",
  "public.audit_details",
  "public.audit_events",
  "public.audit_leaves",
  "public.audit_tiles",
  "public.patient_plans",
];
const SCHEMAS = ["public", "keystore"];
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now())`;
const INSERT_APPLIED = "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)";

/**
 * Brings the database's schema up to date: each migration that is missing, in order, each in its own transaction, under
 * an advisory lock. Then gives the service's role what it needs and no more.
 *
 * @param input.adminUrl - `postgres://…` of the role that owns the schema.
 * @param input.serviceRole - The role that DATABASE_URL names; the same role as the owner's needs no grants.
 * @throws {DatabaseError} `MIGRATION_GAP` when a number is missing or out of order, `MIGRATION_EDITED` when a file is not
 *   the one that was applied, `MIGRATION_AHEAD` when the database knows more than this program, `MIGRATION_FAILED`.
 */
export async function migrate(input: {
  readonly adminUrl: string;
  readonly serviceRole: string;
  readonly folder?: string;
}): Promise<MigrationReport> {
  const migrations = await readMigrations(input.folder ?? MIGRATIONS_FOLDER);
  const client = new pg.Client({
    ...connectionOptions(input.adminUrl),
    application_name: "siphms-migrate",
  });
  await connect(client);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    await client.query(CREATE_TABLE);
    const applied = await readApplied(client);
    const missing = missingMigrations(migrations, applied);
    for (const migration of missing) await apply(client, migration);
    await grantServiceRole(client, input.serviceRole);
    return { applied: missing.map(({ name }) => name), alreadyThere: applied.length };
  } finally {
    await client.end();
  }
}

/**
 * Makes sure that the schema is exactly the one this program was written for, without changing anything.
 *
 * @throws {DatabaseError} `MIGRATION_ADMIN_NEEDED` when migrations are missing, else as {@link migrate}.
 */
export async function requireMigrated(url: string, folder?: string): Promise<void> {
  const migrations = await readMigrations(folder ?? MIGRATIONS_FOLDER);
  const client = new pg.Client({
    ...connectionOptions(url),
    application_name: "siphms-hospital",
  });
  await connect(client);
  try {
    const missing = missingMigrations(migrations, await readAppliedIfAny(client));
    if (missing.length > 0) {
      throw new DatabaseError(
        "MIGRATION_ADMIN_NEEDED",
        `the database lacks ${missing.map(({ name }) => name).join(", ")}; ` +
          "set DATABASE_ADMIN_URL to the role that owns the schema and run siphms hospital init, or start once with it set",
      );
    }
  } finally {
    await client.end();
  }
}

async function connect(client: pg.Client): Promise<void> {
  try {
    await client.connect();
  } catch (cause) {
    throw unreachable(cause);
  }
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const migrations = await Promise.all(
    names.map(async (name): Promise<Migration> => {
      const sql = await readFile(new URL(name, `file://${folder}/`), "utf8");
      const number = Number(FILE_NAME.exec(name)?.[1] ?? Number.NaN);
      return { number, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
  migrations.forEach((migration, index) => {
    if (migration.number !== index + 1) {
      throw new DatabaseError(
        "MIGRATION_GAP",
        `migration ${migration.name} is not number ${String(index + 1)}`,
      );
    }
  });
  return migrations;
}

async function readApplied(client: pg.Client): Promise<readonly Applied[]> {
  const { rows } = await client.query<Applied>(
    "SELECT number, name, checksum FROM schema_migrations ORDER BY number",
  );
  return rows;
}

async function readAppliedIfAny(client: pg.Client): Promise<readonly Applied[]> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('schema_migrations') IS NOT NULL AS there",
  );
  return rows[0]?.there === true ? readApplied(client) : [];
}

function missingMigrations(
  migrations: readonly Migration[],
  applied: readonly Applied[],
): readonly Migration[] {
  applied.forEach((done, index) => {
    const migration = migrations[index];
    if (migration === undefined) {
      throw new DatabaseError(
        "MIGRATION_AHEAD",
        `the database has ${done.name}, which this release does not know; start the newer release`,
      );
    }
    if (done.number !== migration.number) {
      throw new DatabaseError("MIGRATION_GAP", `the database lacks ${migration.name}`);
    }
    if (done.checksum !== migration.checksum) {
      throw new DatabaseError(
        "MIGRATION_EDITED",
        `${migration.name} is not the file that was applied; restore it and write a new migration instead`,
      );
    }
  });
  return migrations.slice(applied.length);
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query("BEGIN");
    await client.query(migration.sql);
    await client.query(INSERT_APPLIED, [migration.number, migration.name, migration.checksum]);
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK");
    throw new DatabaseError("MIGRATION_FAILED", `${migration.name} failed and was undone`, {
      cause,
    });
  }
}

async function grantServiceRole(client: pg.Client, serviceRole: string): Promise<void> {
  const { rows } = await client.query<{ owner: boolean }>(IS_OWNER, [serviceRole]);
  if (rows[0]?.owner === true) return;
  for (const statement of grantsOf(serviceRole)) await client.query(statement);
}

const IS_OWNER = "SELECT current_user = $1 AS owner";

function grantsOf(serviceRole: string): readonly string[] {
  const role = pg.escapeIdentifier(serviceRole);
  return [
    ...SCHEMAS.flatMap((schema) => [
      `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
      `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`,
    ]),
    ...APPEND_ONLY.map((table) => `REVOKE UPDATE, DELETE, TRUNCATE ON ${table} FROM ${role}`),
    `REVOKE INSERT, UPDATE, DELETE ON public.schema_migrations FROM ${role}`,
  ];
}

/** A migration as a database knows that it was applied. */
export type AppliedMigration = Applied;

/**
 * Says whether this release can go on from where a database stood.
 *
 * @throws {DatabaseError} `MIGRATION_AHEAD`, `MIGRATION_EDITED`, `MIGRATION_GAP` where it cannot.
 */
export async function requireKnownMigrations(applied: readonly AppliedMigration[]): Promise<void> {
  missingMigrations(await readMigrations(MIGRATIONS_FOLDER), applied);
}

/**
 * Brings a schema up to date within a transaction, so that nothing of it is there when that fails: for a restore.
 *
 * @param upTo - The number of the last migration to apply; all by default.
 */
export async function migrateWithin(
  tx: Pick<CopyTransaction, "execute" | "query">,
  upTo = Number.POSITIVE_INFINITY,
): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
  await tx.execute(CREATE_TABLE);
  const { rows } = await tx.query("SELECT count(*) AS count FROM schema_migrations");
  const there = rows[0]?.number("count") ?? 0;
  for (const migration of (await readMigrations(MIGRATIONS_FOLDER)).slice(there)) {
    if (migration.number > upTo) return;
    await tx.execute(migration.sql);
    await tx.query(INSERT_APPLIED, [migration.number, migration.name, migration.checksum]);
  }
}

/** Gives the service's role what {@link migrate} gives it, within a transaction. */
export async function grantWithin(
  tx: Pick<CopyTransaction, "execute" | "query">,
  serviceRole: string,
): Promise<void> {
  const { rows } = await tx.query(IS_OWNER, [serviceRole]);
  if (rows[0]?.boolean("owner") === true) return;
  for (const statement of grantsOf(serviceRole)) await tx.execute(statement);
}
