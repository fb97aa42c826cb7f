import { useCallback, useEffect, useMemo, useState } from "react";
import type { Navigation, Place } from "../../app/navigation.ts";

/** The four of the bar: going to one of them begins anew. */
const ROOTS: ReadonlySet<Place> = new Set<Place>(["today", "sensors", "record", "safety"]);

/**
 * The way that the patient took, so that the phone's back button leads back.
 *
 * The browser's history gets only how deep the way is: neither address nor history ever says what somebody looked at.
 */
export function useHistory(): Navigation {
  const [way, setWay] = useState<readonly Place[]>(["today"]);
  useEffect(() => {
    const onBack = (event: PopStateEvent): void => {
      const depth = depthOf(event.state);
      setWay((known) => known.slice(0, Math.max(1, depth)));
    };
    addEventListener("popstate", onBack);
    return () => removeEventListener("popstate", onBack);
  }, []);
  const go = useCallback(
    (to: Place) => {
      const next = ROOTS.has(to) ? [to] : [...way, to];
      // One entry for a whole root keeps "back" short: from a tab it leaves the app, as on any phone.
      if (next.length > 1) history.pushState({ depth: next.length }, "");
      else history.replaceState({ depth: 1 }, "");
      setWay(next);
    },
    [way],
  );
  const back = useCallback(() => {
    if (way.length > 1) history.back();
  }, [way]);
  const place = way.at(-1) ?? "today";
  return useMemo(() => ({ place, go, back }), [place, go, back]);
}

function depthOf(state: unknown): number {
  if (typeof state !== "object" || state === null || !("depth" in state)) return 1;
  return typeof state.depth === "number" ? state.depth : 1;
}
