import { createHash } from "node:crypto";
import pg from "pg";
import type { AuditSink, Database, QueryResult, SqlValue, Transaction } from "./database.ts";
import { toParameter } from "./parameters.ts";
import { connectionOptions, unreachable } from "./link.ts";
import { createRow } from "./row.ts";
import { createServerCheck } from "./server-identity.ts";

/** Where and how to reach the database. */
export interface DatabaseOptions {
  /** `postgres://…` of the service's role. Never logged. */
  readonly url: string;
  /** Most connections at once. */
  readonly maxConnections?: number;
  /** The server itself refuses whatever would write. */
  readonly readOnly?: boolean;
  /** Told when an idle connection breaks; the pool makes a new one by itself. */
  readonly onConnectionLost?: () => void;
  /** Where it is given, no connection to another server than the first one's is used, and this is told of it. */
  readonly onServerChanged?: () => void;
}

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
/** Nothing the service asks takes longer; whatever does is stopped, so that it cannot hold locks for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;
const READ_ONLY = "-c default_transaction_read_only=on";
const UNIQUE_VIOLATION = "23505";

/**
 * Opens the pool and proves with one statement that the database answers.
 *
 * @throws {DatabaseError} `DATABASE_UNREACHABLE`, with the driver's error as cause and without the address.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const pool = new pg.Pool({
    ...connectionOptions(options.url),
    max: options.maxConnections ?? MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: "siphms-hospital",
    types: createTypes(),
    ...(options.readOnly === true ? { options: READ_ONLY } : {}),
    ...(options.onServerChanged === undefined
      ? {}
      : { verify: createServerCheck(options.onServerChanged) }),
  });
  // Without a listener a connection that the server closes would end the process.
  pool.on("error", () => options.onConnectionLost?.());
  const database = createDatabase(pool);
  try {
    await database.query("SELECT 1 AS one");
  } catch (cause) {
    await pool.end();
    throw unreachable(cause);
  }
  return database;
}

/** The same database, with another place where its transactions note what is done in them. */
export function withAudit(database: Database, audit: AuditSink): Database {
  return {
    ...database,
    withTransaction: (work) => database.withTransaction((tx) => work({ ...tx, audit })),
  };
}

/** What was opened without a log notes nothing, and so does nothing that is to be noted. */
const NO_AUDIT: AuditSink = {
  append: () => Promise.reject(new TypeError("this database was opened without an audit log")),
};

/** True for the error of a statement that met a UNIQUE rule; `constraint` narrows it to one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code !== UNIQUE_VIOLATION) return false;
  return constraint === undefined || error.constraint === constraint;
}

function createDatabase(pool: pg.Pool): Database {
  return {
    query: (text, values) => run(pool, text, values),
    withTransaction: (work) => transact(pool, work),
    close: () => pool.end(),
  };
}

async function transact<T>(pool: pg.Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const announcements: (() => void)[] = [];
  const regrets: (() => void)[] = [];
  let broken: Error | undefined;
  // A connection that breaks between two statements tells it by an event, and the pool does not listen while it is lent.
  const hearBreak = (fault: Error): void => {
    broken = fault;
  };
  client.on("error", hearBreak);
  let hasCommitted = false;
  let outcome: T;
  try {
    await client.query("BEGIN");
    outcome = await work({
      query: (text, values) => run(client, text, values),
      audit: NO_AUDIT,
      afterCommit: (action) => announcements.push(action),
      afterRollback: (action) => regrets.push(action),
    });
    // Where a statement failed and nobody said so, the server takes everything back and calls that no error.
    const { command } = await client.query("COMMIT");
    hasCommitted = command === "COMMIT";
  } catch (error) {
    // A connection that cannot even roll back is thrown away, not given to the next user.
    await client.query("ROLLBACK").catch((fault: unknown) => {
      broken = fault instanceof Error ? fault : new Error("rollback failed");
    });
    for (const regret of regrets) regret();
    throw error;
  } finally {
    client.off("error", hearBreak);
    client.release(broken);
  }
  for (const action of hasCommitted ? announcements : regrets) action();
  return outcome;
}

/** What takes statements of the driver: the pool, or one connection. */
export interface Runner {
  query(config: pg.QueryConfig): Promise<pg.QueryResult<Record<string, unknown>>>;
}

/** Runs one statement as every query of the hospital is run: prepared, its parameters and rows in our types. */
export async function run(
  runner: Runner,
  text: string,
  values: readonly SqlValue[] = [],
): Promise<QueryResult> {
  const result = await runner.query({
    name: statementName(text),
    text,
    values: values.map(toParameter),
  });
  return { rows: result.rows.map(createRow), count: result.rowCount ?? 0 };
}

const statementNames = new Map<string, string>();

function statementName(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = createHash("sha256").update(text).digest("base64url").slice(0, 32);
    statementNames.set(text, name);
  }
  return name;
}

/** `bigint` columns hold times in ms and identities: all below 2^53, so they are numbers here. */
export function createTypes(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, parseSafeInteger);
  return types;
}

/**
 * What is beyond 2^53 stays what it is, which no reader of a row takes: an altered row is one fault, and does not make an
 * answer of a thousand rows unreadable.
 */
function parseSafeInteger(text: string): bigint | number {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
