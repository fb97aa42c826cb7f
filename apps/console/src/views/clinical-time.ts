import type { PatientSummary } from "@siphms/api";

/**
 * A patient's clinical time at an instant of this page: real time, but for a demo's replay, whose clock runs faster
 * until it has caught up.
 *
 * @param fetchedAt - When `patient.clinicalNow` was told, by this machine's clock, ms.
 */
export function clinicalTime(patient: PatientSummary, fetchedAt: number, now: number): number {
  const { clinicalNow, clinicalSpeed } = patient;
  if (clinicalSpeed === undefined) return now;
  return Math.min(clinicalNow + (now - fetchedAt) * clinicalSpeed, now);
}
