/** What can be wrong with a backup, or with where it is restored to. */
export type BackupErrorCode =
  | "BACKUP_ALTERED"
  | "BACKUP_KEK_WRONG"
  | "BACKUP_MISSING"
  | "BACKUP_NOT_WRITTEN"
  | "BACKUP_OTHER_HOSPITAL"
  | "BACKUP_TOO_NEW"
  | "RESTORE_INCOMPLETE"
  | "RESTORE_TARGET_NOT_EMPTY";

/** A backup cannot be made, or not be restored. Messages name files and tables, never a value. */
export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
