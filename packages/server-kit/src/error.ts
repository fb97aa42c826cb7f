/** What can be wrong with the surroundings in which a server is started. */
export type ServerKitErrorCode =
  "SETTING_INVALID" | "SETTING_FILE" | "SOCKET_IN_USE" | "SOCKET_UNSAFE" | "FOLDER_UNSAFE";

/**
 * Thrown when a server cannot start as it was told to.
 *
 * The message is for the operator: what is wrong and what to do. It never repeats the value of a secret setting.
 */
export class ServerKitError extends Error {
  /** Which check failed; `docs/errors.md` says what to do. */
  readonly code: ServerKitErrorCode;

  constructor(code: ServerKitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServerKitError";
    this.code = code;
  }
}
