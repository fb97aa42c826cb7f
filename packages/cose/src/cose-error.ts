/** What can be wrong with a credential: who it is for, its kid, its point, or its form. */
export type CredentialFault = "sub" | "kid" | "point" | "schema";

/** Every reason for which this package refuses an input. */
export type CoseErrorCode =
  | "CBOR_MALFORMED"
  | "CBOR_LIMIT"
  | "COSE_MALFORMED"
  | "KEY_INVALID"
  | "KEY_NOT_EXTRACTABLE"
  | "CREDENTIAL_INVALID"
  | "BASE64URL_MALFORMED"
  | "HEX_MALFORMED";

/**
 * The one error of this package: an input from outside was refused.
 *
 * Neither message nor cause carries any byte of the input. Mistakes of our own callers are
 * `TypeError` or `RangeError` instead.
 */
export class CoseError extends Error {
  override readonly name = "CoseError";
  readonly code: CoseErrorCode;
  /** Which check failed; set with `CREDENTIAL_INVALID` and there alone. */
  readonly reason: CredentialFault | undefined;

  constructor(
    code: CoseErrorCode,
    message: string,
    details: { readonly reason?: CredentialFault; readonly cause?: unknown } = {},
  ) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.reason = details.reason;
  }
}
