import type { LatestValue } from "@siphms/api";
import { useCallback } from "react";
import { isStale } from "../live/stale.ts";
import { useTicked } from "../live/ticker.ts";
import { clinicalTime, type ClinicalClock } from "./clinical-time.ts";

/**
 * Whether a patient's value must not look live any more, kept up to date; no value is not old.
 *
 * @param stepMs - As of {@link useTicked}.
 */
export function useStale(
  latest: LatestValue | undefined,
  clock: ClinicalClock,
  stepMs?: number,
): boolean {
  const work = useCallback(
    (now: number) => latest !== undefined && isStale(latest, clinicalTime(clock, now)),
    [latest, clock],
  );
  return useTicked(work, stepMs);
}
