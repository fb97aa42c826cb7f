/**
 * What can go wrong in the patient app below its screens.
 *
 * PIN: `PIN_FORM` (not 6 to 12 digits), `PIN_WEAK` (one of those that are guessed first).
 *
 * Vault: `VAULT_MISSING` (none on this phone), `VAULT_EXISTS` (one is there already), `VAULT_VERSION` (written by a
 * newer app), `VAULT_INVALID` (the record is damaged, or a key is not this vault's), `VAULT_LAST_METHOD` (the last
 * way in is not removed).
 *
 * Passkey: `PASSKEY_REFUSED` (the phone recognised nobody, or the patient went back), `PASSKEY_WITHOUT_PRF` (the phone's
 * fingerprint or face cannot keep a secret for a web app).
 *
 * Storage: `STORE_FAILED`, `STORE_FULL` (the browser has no more room for us), `STORE_BLOCKED` (another tab holds an
 * older version open), `STORE_NEWER` (the data are a newer app's).
 */
export type PatientErrorCode =
  | "PIN_FORM"
  | "PIN_WEAK"
  | "VAULT_MISSING"
  | "VAULT_EXISTS"
  | "VAULT_VERSION"
  | "VAULT_INVALID"
  | "VAULT_LAST_METHOD"
  | "PASSKEY_REFUSED"
  | "PASSKEY_WITHOUT_PRF"
  | "STORE_FAILED"
  | "STORE_FULL"
  | "STORE_BLOCKED"
  | "STORE_NEWER";

/** The one error of the patient app. Its text holds neither a PIN nor key bytes nor a reading. */
export class PatientError extends Error {
  override readonly name: string = "PatientError";
  readonly code: PatientErrorCode;

  /** @param cause - Kept for developers. */
  constructor(code: PatientErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
