import { LATE_AFTER_MS } from "../ingest/index.ts";
import { HOUR_MS } from "./tally.ts";

/**
 * The beginning of the first hour that is not closed: an hour is, once it has been over for so long that whatever of it still
 * comes is late.
 *
 * @param clinicalNow - The patient's clinical time, ms.
 */
export function closedUntil(clinicalNow: number): number {
  const at = Math.max(0, clinicalNow - LATE_AFTER_MS);
  return at - (at % HOUR_MS);
}
