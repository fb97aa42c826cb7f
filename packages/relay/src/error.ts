/** What can be wrong with something that this package reads. */
export type RelayErrorCode =
  "BASE64URL_MALFORMED" | "FRAME_MALFORMED" | "MAILBOX_MALFORMED" | "REGISTRATION_INVALID";

/**
 * Thrown by every reader of this package for input that breaks the gateway's contract.
 *
 * The message says which rule was broken and never repeats the input, so it may be logged.
 */
export class RelayError extends Error {
  /** Which reader refused; `docs/errors.md` says what to do. */
  readonly code: RelayErrorCode;

  constructor(code: RelayErrorCode, message: string) {
    super(message);
    this.name = "RelayError";
    this.code = code;
  }
}
