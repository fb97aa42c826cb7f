import type { KnownPatient } from "../live/patient-store.ts";

/** What a patient's clinical time is worked out from. */
export type ClinicalClock = Pick<KnownPatient, "clinicalNow" | "clinicalSpeed" | "toldAt">;

/**
 * A patient's clinical time at an instant of this page: real time, but for a demo's replay, whose clock runs faster
 * until it has caught up.
 */
export function clinicalTime(
  { clinicalNow, clinicalSpeed, toldAt }: ClinicalClock,
  now: number,
): number {
  if (clinicalSpeed === undefined) return now;
  return Math.min(clinicalNow + (now - toldAt) * clinicalSpeed, now);
}
