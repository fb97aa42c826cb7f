export type { AuditEntry } from "./audit-entry.ts";
export type {
  AuditedTransaction,
  AuditSink,
  Database,
  Queryable,
  QueryResult,
  SqlValue,
  Transaction,
} from "./database.ts";
export { nextId } from "./identity.ts";
export type { Row } from "./row.ts";
export { databaseLink } from "./link.ts";
export { ConflictError } from "./conflict-error.ts";
export { DatabaseError } from "./error.ts";
export type { DatabaseErrorCode } from "./error.ts";
export { openDatabase, isUniqueViolation, withAudit } from "./pool.ts";
export type { DatabaseOptions } from "./pool.ts";
export { ASK_FOR_SERVER } from "./server-identity.ts";
export { isShortage } from "./shortage.ts";
export {
  APPEND_ONLY,
  grantWithin,
  migrate,
  migrateWithin,
  MIGRATIONS_FOLDER,
  requireKnownMigrations,
  requireMigrated,
} from "./migrate.ts";
export type { MigrationReport } from "./migrate.ts";
export { withCopyTransaction } from "./copy-transaction.ts";
export type { CopyTransaction } from "./copy-transaction.ts";
