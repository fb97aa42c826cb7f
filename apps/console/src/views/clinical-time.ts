import type { KnownPatient } from "../live/patient-store.ts";

/**
 * A patient's clinical time at an instant of this page: real time, but for a demo's replay, whose clock runs faster
 * until it has caught up.
 */
export function clinicalTime(
  {
    clinicalNow,
    clinicalSpeed,
    toldAt,
  }: Pick<KnownPatient, "clinicalNow" | "clinicalSpeed" | "toldAt">,
  now: number,
): number {
  if (clinicalSpeed === undefined) return now;
  return Math.min(clinicalNow + (now - toldAt) * clinicalSpeed, now);
}
