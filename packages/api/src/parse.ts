import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";

/** Thrown when something that came over the API is not what its schema says. Carries no value of it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: "API_MALFORMED";

  constructor(message: string) {
    super(message);
    this.code = "API_MALFORMED";
  }
}

/**
 * Takes a decoded JSON value as what a schema says: nothing coerced, no unknown member let through.
 *
 * Works without generating code, so that it runs under a Content-Security-Policy without `unsafe-eval`.
 *
 * @throws {ApiError} `API_MALFORMED` without naming any value.
 */
export function parseApi<T extends TSchema>(schema: T, value: unknown): Static<T> {
  if (!Check(schema, value)) throw new ApiError("the answer is not what its schema says");
  return value;
}
