import type { AuditEntry } from "./audit-entry.ts";
import type { Row } from "./row.ts";

/** What a parameter may be. Arrays are for `unnest($1::type[])`. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly (string | null)[]
  | readonly (number | null)[]
  | readonly (boolean | null)[]
  | readonly (Uint8Array | null)[];

/** The rows of an answer, and how many rows the statement touched. */
export interface QueryResult {
  readonly rows: readonly Row[];
  readonly count: number;
}

/** Anything that takes SQL: the pool, or one transaction. */
export interface Queryable {
  /**
   * Runs one statement, prepared once per connection under a name made of its text.
   * The text is a constant; everything that varies is a parameter (SR-46).
   */
  query(text: string, values?: readonly SqlValue[]): Promise<QueryResult>;
}

/** Where a database's transactions put what is to be noted. */
export interface AuditSink {
  /**
   * Notes entries so that they stand exactly if the transaction does.
   *
   * @throws What keeps them from being noted; the act must not happen then.
   */
  append(tx: AuditedTransaction, entries: readonly AuditEntry[]): Promise<void>;
}

/** What of a transaction a sink may use. */
export interface AuditedTransaction extends Queryable {
  /** Runs `action` after the transaction was rolled back, or its commit gave no answer. */
  afterRollback(action: () => void): void;
}

/** One transaction at READ COMMITTED. Never kept after the function that got it has ended. */
export interface Transaction extends AuditedTransaction {
  /** Where what is done in it is noted. */
  readonly audit: AuditSink;
  /** Runs `action` after the commit has succeeded, never after a rollback. For announcing what is now true. */
  afterCommit(action: () => void): void;
}

/** The hospital's database under the service's role. */
export interface Database extends Queryable {
  /** Commits when `work` resolves, rolls back when it rejects, and gives its outcome on. */
  withTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Waits for running statements and closes all connections. */
  close(): Promise<void>;
}
