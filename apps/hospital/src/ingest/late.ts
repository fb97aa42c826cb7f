/** A sample older than this at receipt is late: shown at its own time, and no live alarm (protocol section 6). */
export const LATE_AFTER_MS = 15 * 60_000;

/**
 * Whether a sample was late when it came.
 *
 * @param at - The sample's own time, ms.
 * @param receivedAt - The patient's clinical time of receipt, ms.
 */
export function isLate(at: number, receivedAt: number): boolean {
  return receivedAt - at > LATE_AFTER_MS;
}
