/** The hospital's own rule (protocol section 6): what comes later than this is shown at its own time and raises no live alert. */
const LATE_AFTER_MS = 15 * 60_000;

/**
 * Whether a value was late when it came to the hospital.
 *
 * @param at - The value's own time, ms.
 * @param receivedAt - Of the receipt, ms.
 */
export function isLate(at: number, receivedAt: number): boolean {
  return receivedAt - at > LATE_AFTER_MS;
}
