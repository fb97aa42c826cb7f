/** What can be wrong with the database apart from what a query asked. */
export type DatabaseErrorCode =
  | "DATABASE_UNREACHABLE"
  | "MIGRATION_ADMIN_NEEDED"
  | "MIGRATION_AHEAD"
  | "MIGRATION_EDITED"
  | "MIGRATION_FAILED"
  | "MIGRATION_GAP"
  | "ROW_SHAPE"
  | "SERVER_CHANGED";

/** A fault of the database or its schema. Messages name migrations and columns, never a value. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
