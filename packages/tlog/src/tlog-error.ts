/** Every reason for which this package refuses an input. */
export type TlogErrorCode =
  | "TILE_PATH_MALFORMED"
  | "TILE_MALFORMED"
  | "ENTRY_BUNDLE_MALFORMED"
  | "MERKLE_PROOF_INVALID"
  | "NOTE_MALFORMED"
  | "NOTE_LIMIT"
  | "NOTE_UNSIGNED"
  | "NOTE_UNAUTHENTIC"
  | "VERIFIER_KEY_MALFORMED"
  | "VERIFIER_KEY_UNSUPPORTED"
  | "CHECKPOINT_MALFORMED"
  | "WITNESS_REQUEST_MALFORMED"
  | "WITNESS_ANSWER_MALFORMED"
  | "LOG_PROOF_MALFORMED"
  | "POLICY_MALFORMED"
  | "LOG_UNKNOWN"
  | "QUORUM_MISSED";

/**
 * The one error of this package: an input from outside was refused.
 *
 * Neither message nor cause carries any of the input. Mistakes of our own callers are
 * `TypeError` or `RangeError` instead.
 */
export class TlogError extends Error {
  override readonly name = "TlogError";
  readonly code: TlogErrorCode;

  constructor(code: TlogErrorCode, message: string, details: { readonly cause?: unknown } = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
  }
}
