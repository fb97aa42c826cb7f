/** Thrown when a row was changed by somebody else between read and write: begin again. Routes answer it as `conflict`. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
  readonly code = "ROW_CHANGED";
}
