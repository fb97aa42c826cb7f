/** What can be wrong with a key or with something that a key protects. */
export type KeyErrorCode =
  | "CELL_UNAUTHENTIC"
  | "HOSPITAL_KEY_MISSING"
  | "KEK_COMMAND_FAILED"
  | "KEK_FILE_MODE"
  | "KEK_MALFORMED"
  | "KEK_MISSING"
  | "KEK_WITH_DATA"
  | "KEK_WRONG"
  | "PATIENT_KEY_MISSING"
  | "ROW_ALTERED";

/** A key is missing or unfit, or a sealed cell or a granting row is not what this installation wrote. Carries no key and no plaintext. */
export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly code: KeyErrorCode;

  constructor(code: KeyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
