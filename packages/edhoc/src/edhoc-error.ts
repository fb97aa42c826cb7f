/** What can be wrong with a handshake. Each code is explained in docs/errors.md. */
export type EdhocErrorCode =
  | "EDHOC_MALFORMED"
  | "EDHOC_METHOD"
  | "EDHOC_SUITE"
  | "EDHOC_UNAUTHENTIC"
  | "EDHOC_UNKNOWN_CREDENTIAL"
  | "EDHOC_CRITICAL_EAD"
  | "EDHOC_LENGTH"
  | "EDHOC_STATE_USED"
  | "EDHOC_PEER_ERROR";

/**
 * The one error of this package: the handshake has failed and its state is gone.
 *
 * The detail names a field of RFC 9528 and never carries its bytes. The peer is told less than this
 * error says: a server answers every refused message_3 alike.
 */
export class EdhocError extends Error {
  readonly code: EdhocErrorCode;
  /** With `EDHOC_SUITE` the suites this side supports, with `EDHOC_PEER_ERROR` those the peer named, if it did. */
  readonly suitesR?: readonly number[];

  /**
   * @param code - What went wrong, for programs.
   * @param detail - Which field or rule, for people; a constant text.
   * @param options - The error underneath, and the suites to put into an error message.
   */
  constructor(
    code: EdhocErrorCode,
    detail: string,
    options: { readonly cause?: unknown; readonly suitesR?: readonly number[] } = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "EdhocError";
    this.code = code;
    if (options.suitesR !== undefined) this.suitesR = options.suitesR;
  }
}
