/** Every reason for which a sensor's octets are refused. Each code is explained in docs/errors.md. */
export type GattErrorCode = "GATT_TOO_SHORT" | "GATT_LENGTH" | "GATT_VALUE" | "GATT_CHECKSUM";

/**
 * The one error of this package: a sensor sent what its characteristic does not allow.
 *
 * Carries lengths but no octet of the value, which may be a reading: who wants to look at it has the octets already.
 * Mistakes of our own callers are `RangeError` instead.
 */
export class GattError extends Error {
  override readonly name = "GattError";
  readonly code: GattErrorCode;
  /** How many octets were needed, as far as that is known: for the value, or for the fields of the record that ends early. */
  readonly needed: number | undefined;
  /** How many of them came. */
  readonly given: number | undefined;

  constructor(
    code: GattErrorCode,
    message: string,
    details: { readonly needed?: number; readonly given?: number; readonly cause?: unknown } = {},
  ) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.needed = details.needed;
    this.given = details.given;
  }
}
