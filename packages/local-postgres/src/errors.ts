/** What can go wrong while the embedded PostgreSQL is started or stopped. */
export type LocalPostgresErrorCode =
  | "PLATFORM_UNSUPPORTED"
  | "USER_UNAVAILABLE"
  | "PASSWORDS_MISSING"
  | "INIT_FAILED"
  | "START_FAILED"
  | "STOP_FAILED";

/** A failure of the embedded PostgreSQL; the message says what happened and what to do, and holds no secret. */
export class LocalPostgresError extends Error {
  override readonly name = "LocalPostgresError";
  readonly code: LocalPostgresErrorCode;

  constructor(code: LocalPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
