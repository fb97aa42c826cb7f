import { useEffect, useState, type ReactElement } from "react";
import { formatAge, formatInstant } from "../format.ts";

/** The time of this machine, told again every `everyMs` to a component that shows ages. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** How old something is, with the exact instant on hover and in the element's machine-readable time. */
export function Age({ at, now }: { readonly at: number; readonly now: number }): ReactElement {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatInstant(at)} className="siphms-age">
      {formatAge(now - at)}
    </time>
  );
}
