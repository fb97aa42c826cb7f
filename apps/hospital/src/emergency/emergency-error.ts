/** What can be wrong with a file of entries from emergency mode. */
export type EmergencyErrorCode = "EMERGENCY_FILE_ALTERED";

/** A file holds something that no emergency mode of this installation wrote. Carries none of it. */
export class EmergencyError extends Error {
  override readonly name = "EmergencyError";
  readonly code: EmergencyErrorCode;

  constructor(code: EmergencyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
