/** Thrown by a store that could not make a change durable; nothing of the change is there. */
export class StoreError extends Error {
  readonly code = "STORE_FAILED";

  constructor(options?: ErrorOptions) {
    super("the change could not be written to disk", options);
    this.name = "StoreError";
  }
}
