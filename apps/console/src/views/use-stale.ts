import type { LatestValue } from "@siphms/api";
import { useCallback } from "react";
import type { KnownPatient } from "../live/patient-store.ts";
import { isStale } from "../live/stale.ts";
import { useTicked } from "../live/ticker.ts";
import { clinicalTime } from "./clinical-time.ts";

/**
 * Whether a patient's value must not look live any more, kept up to date; no value is not old.
 *
 * @param stepMs - As of {@link useTicked}.
 */
export function useStale(
  latest: LatestValue | undefined,
  patient: KnownPatient,
  stepMs?: number,
): boolean {
  const work = useCallback(
    (now: number) => latest !== undefined && isStale(latest, clinicalTime(patient, now)),
    [latest, patient],
  );
  return useTicked(work, stepMs);
}
