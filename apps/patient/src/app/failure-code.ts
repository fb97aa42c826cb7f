import type { FailureCode } from "./stage.ts";

/** The errors that the app has words for, by the names that their classes give them. */
const CODED = new Set(["DeviceError", "PatientError"]);

/**
 * What went wrong, as a code that there are words for.
 *
 * By name and not by class: the engine's classes are not loaded before the first unlocking.
 */
export function failureCodeOf(error: unknown): FailureCode {
  return isCoded(error) ? error.code : "FAILED";
}

function isCoded(error: unknown): error is Error & { readonly code: FailureCode } {
  return error instanceof Error && CODED.has(error.name) && "code" in error;
}
