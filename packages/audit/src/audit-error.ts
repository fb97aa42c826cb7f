/** What can be wrong with an audit log, or a part of one. */
export type AuditErrorCode = "AUDIT_ENTRY_MALFORMED" | "AUDIT_LOG_UNREADABLE";

/** Thrown for bytes that are no audit entry, and for a log of which a part is missing. Carries none of its bytes. */
export class AuditError extends Error {
  override readonly name = "AuditError";
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
