import type { KindName } from "@siphms/vitals";

const HOUR_MS = 3_600_000;

/** What a sensor measures by itself is old after an hour, what somebody measures on purpose after half a day or a day. */
const STALE_AFTER_MS: Readonly<Record<KindName, number>> = {
  "heart-rate": HOUR_MS,
  "pulse-rate": HOUR_MS,
  "rr-interval": HOUR_MS,
  spo2: HOUR_MS,
  "respiratory-rate": HOUR_MS,
  "blood-pressure": 12 * HOUR_MS,
  "body-temperature": 12 * HOUR_MS,
  consciousness: 12 * HOUR_MS,
  "supplemental-oxygen": 12 * HOUR_MS,
  glucose: 24 * HOUR_MS,
  "body-weight": 48 * HOUR_MS,
};

/** True for a value that must not look live any more. Until a patient's own plan says how often to measure. */
export function isStale(
  { kind, at }: { readonly kind: KindName; readonly at: number },
  clinicalNow: number,
): boolean {
  return clinicalNow - at > STALE_AFTER_MS[kind];
}
