import { CONSOLE_PATHS, type ApiAlert, type SeenAlerts } from "@siphms/api";
import { useEffect, useRef, type RefObject } from "react";
import { ApiError, callApi } from "../../client.ts";
import { useSignedIn } from "../../session/session.ts";
import { alertOfSight, SightLog, sightOf } from "./sight-log.ts";

/** How often it is looked what was seen meanwhile, ms. */
const LOOK_MS = 500;
/** The head of the page lies over what is scrolled under it. */
const HEADER_PX = 52;
/** What names an alert in the page. */
const MARK = "data-alert";

/**
 * Tells the hospital which alerts were really on a visible screen: each element of the list that carries `data-alert` and was
 * wholly in sight for a second.
 *
 * @param list - What holds them.
 * @param alerts - Those that are shown; what this person has seen before is not told again.
 */
export function useSeen(list: RefObject<HTMLElement | null>, alerts: readonly ApiAlert[]): void {
  const { name } = useSignedIn().staff;
  const log = useRef(new SightLog());
  const key = alerts.flatMap((alert) => sightOf(alert, name) ?? []).join("\n");

  useEffect(() => {
    const { current: element } = list;
    if (element === null || key === "") return undefined;
    const sights = new Map(key.split("\n").map((sight) => [alertOfSight(sight), sight]));
    log.current.keepOnly(new Set(sights.values()));
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const sight = sights.get(target.getAttribute(MARK) ?? "");
          if (sight === undefined) continue;
          if (isIntersecting) log.current.enter(sight, performance.now());
          else log.current.leave(sight);
        }
      },
      { threshold: 1, rootMargin: `-${String(HEADER_PX)}px 0px 0px 0px` },
    );
    for (const marked of element.querySelectorAll(`[${MARK}]`)) {
      if (sights.has(marked.getAttribute(MARK) ?? "")) observer.observe(marked);
    }
    const timer = setInterval(() => look(log.current), LOOK_MS);
    return () => {
      observer.disconnect();
      clearInterval(timer);
    };
  }, [list, key]);
}

function look(log: SightLog): void {
  const now = performance.now();
  if (document.visibilityState !== "visible") {
    log.hide(now);
    return;
  }
  const sights = log.take(now);
  if (sights.length === 0) return;
  const body: SeenAlerts = { alerts: sights.map(alertOfSight) };
  // A page that stands open must not keep a session open.
  callApi(CONSOLE_PATHS.seenAlerts, { method: "POST", body, background: true }).catch(
    (error: unknown) => {
      // An answer, also an error, is the hospital's word.
      if (error instanceof ApiError && error.status === 0) log.giveBack(sights, now);
    },
  );
}
