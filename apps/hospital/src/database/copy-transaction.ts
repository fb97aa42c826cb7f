import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import type { AuditSink, Transaction } from "./database.ts";
import { connectionOptions, unreachable } from "./link.ts";
import { createTypes, run } from "./pool.ts";

/** One transaction on a connection of its own, without a limit in time, through which whole tables go in or out. */
export interface CopyTransaction extends Transaction {
  /** Runs statements that are constants of the program, or made of names that were quoted. */
  execute(sql: string): Promise<void>;
  /** The rows of `COPY … TO STDOUT`. To be read to the end before anything else is asked. */
  copyOut(statement: string): AsyncIterable<Uint8Array>;
  /** Gives rows to `COPY … FROM STDIN`. */
  copyIn(statement: string, rows: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Where and as what such a transaction is. */
export interface CopyTransactionOptions {
  /** `postgres://…`. Never logged. */
  readonly url: string;
  /** `snapshot`: sees one moment of the database and changes nothing. `write`: an ordinary one. */
  readonly kind: "snapshot" | "write";
  /** Where what is done in it is noted. */
  readonly audit?: AuditSink;
}

const BEGIN = {
  snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
  write: "BEGIN",
} as const;
/** A server may have limits of its own for a role. */
const NO_LIMITS =
  "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Commits when `work` resolves. When it rejects, or this process ends, the connection is gone and the server rolls back.
 *
 * @throws {DatabaseError} `DATABASE_UNREACHABLE`, without the address.
 */
export async function withCopyTransaction<T>(
  options: CopyTransactionOptions,
  work: (tx: CopyTransaction) => Promise<T>,
): Promise<T> {
  const client = await connect(options.url);
  const done: (() => void)[] = [];
  const undone: (() => void)[] = [];
  let outcome: T;
  try {
    await client.query(`${BEGIN[options.kind]}; ${NO_LIMITS}`);
    outcome = await work({
      query: (text, values) => run(client, text, values),
      audit: options.audit ?? NO_AUDIT,
      afterCommit: (action) => done.push(action),
      afterRollback: (action) => undone.push(action),
      execute: async (sql) => {
        await client.query(sql);
      },
      copyOut: (statement) => client.query(copyTo(statement)),
      copyIn: (statement, rows) =>
        pipeline(Readable.from(rows, { objectMode: false }), client.query(copyFrom(statement))),
    });
    await client.query("COMMIT");
  } catch (error) {
    for (const action of undone) action();
    throw error;
  } finally {
    // Not ROLLBACK: a copy that was broken off half way would have to be read to its end first.
    await client.end();
  }
  for (const action of done) action();
  return outcome;
}

const NO_AUDIT: AuditSink = {
  append: () => Promise.reject(new TypeError("this transaction was opened without an audit log")),
};

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionOptions(url),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "siphms-backup",
    // Without a limit in time a server that is gone would be waited for for ever.
    keepAlive: true,
    types: createTypes(),
  });
  // A connection that breaks between two statements tells it by an event: the next statement says it as well.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw unreachable(cause);
  }
  return client;
}
