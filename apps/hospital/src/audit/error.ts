/** What can be wrong with the audit log as it lies in the database. */
export type AuditLogErrorCode = "LOG_ALTERED";

/** The stored log is not the one that was signed. Carries nothing of it. */
export class AuditLogError extends Error {
  override readonly name = "AuditLogError";
  readonly code: AuditLogErrorCode = "LOG_ALTERED";

  constructor(what: string, options?: ErrorOptions) {
    super(
      `the audit log in the database is not the one that was signed: ${what}; run: siphms audit verify`,
      options,
    );
  }
}
