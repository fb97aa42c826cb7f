import { useCallback, useEffect, useState, type ReactElement } from "react";
import { formatAge, formatInstant } from "../format.ts";
import { useTicked } from "../live/ticker.ts";
import { clinicalTime, type ClinicalClock } from "./clinical-time.ts";

/** The time of this machine, told again every `everyMs`. What shows an age alone takes {@link Age}, which costs less. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Props of {@link Age}. */
export interface AgeProps {
  /** ms. */
  readonly at: number;
  /** Whose clinical time the age is counted by; real time where absent. */
  readonly of?: ClinicalClock;
  /** How often it is told anew, ms; a second where absent. */
  readonly stepMs?: number;
}

/** How old something is, kept up to date, with the exact instant on hover and in the element's machine-readable time. */
export function Age({ at, of, stepMs }: AgeProps): ReactElement {
  const work = useCallback(
    (now: number) => formatAge((of === undefined ? now : clinicalTime(of, now)) - at),
    [at, of],
  );
  return (
    <time dateTime={new Date(at).toISOString()} title={formatInstant(at)} className="siphms-age">
      {useTicked(work, stepMs)}
    </time>
  );
}
