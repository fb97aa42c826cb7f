import { CONSOLE_PATHS, type ApiAlert, type SeenAlerts } from "@siphms/api";
import { useEffect, useRef, type RefObject } from "react";
import { ApiError, callApi } from "../../client.ts";
import { useSignedIn } from "../../session/session.ts";
import { SightLog } from "./sight-log.ts";

/** How often it is looked what was seen meanwhile, ms. */
const LOOK_MS = 500;
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
  const fresh = alerts.filter((alert) => !isSeenBy(alert, name)).map(({ id }) => id);
  const key = fresh.join(" ");

  useEffect(() => {
    const { current: element } = list;
    if (element === null || key === "") return undefined;
    const wanted = new Set(key.split(" "));
    log.current.keepOnly(wanted);
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const id = target.getAttribute(MARK) ?? "";
          if (isIntersecting) log.current.enter(id, performance.now());
          else log.current.leave(id);
        }
      },
      { threshold: 1 },
    );
    for (const marked of element.querySelectorAll(`[${MARK}]`)) {
      if (wanted.has(marked.getAttribute(MARK) ?? "")) observer.observe(marked);
    }
    const timer = setInterval(() => look(log.current), LOOK_MS);
    return () => {
      observer.disconnect();
      clearInterval(timer);
    };
  }, [list, key]);
}

function isSeenBy({ seen }: ApiAlert, name: string): boolean {
  return seen.some(({ by }) => by === name);
}

function look(log: SightLog): void {
  const now = performance.now();
  if (document.visibilityState !== "visible") {
    log.hide(now);
    return;
  }
  const alerts = log.take(now);
  if (alerts.length === 0) return;
  const body: SeenAlerts = { alerts: [...alerts] };
  // A page that stands open must not keep a session open.
  callApi(CONSOLE_PATHS.seenAlerts, { method: "POST", body, background: true }).catch(
    (error: unknown) => {
      // An answer, also an error, is the hospital's word.
      if (error instanceof ApiError && error.status === 0) log.giveBack(alerts, now);
    },
  );
}
