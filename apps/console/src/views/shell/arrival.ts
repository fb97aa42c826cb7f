import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { matchPath, useLocation } from "react-router";
import { useFromAlerts } from "../../live/use-store.ts";
import { waitingOf } from "../alerts/alert-order.ts";
import { PLACE_NAMES, PLACES } from "./places.ts";

/** How long a page may take to show its heading before the focus stays where it is. */
const HEADING_LIMIT_MS = 5000;

/**
 * Does what a browser does when somebody comes to a new page: begins at the top, gives the focus to its heading as soon as
 * there is one, and names the window. The name is the page's, never a patient's: titles end up in histories. Before it stands
 * how many alerts nobody looks after yet. A part of its own that shows nothing: that number changes often on a busy ward, and the
 * frame around every page is not drawn anew for it.
 */
export function Arrival(): null {
  const { t } = useTranslation("shell");
  const { t: common } = useTranslation();
  const { pathname } = useLocation();
  const before = useRef(pathname);

  const waiting = useFromAlerts((alerts) => waitingOf(alerts).count);

  useEffect(() => {
    const place = PLACE_NAMES.find((name) => matchPath(PLACES[name].path, pathname) !== null);
    const name = place === undefined ? t("unknownTitle") : t(`places.${place}`);
    document.title = `${waiting === 0 ? "" : `(${String(waiting)}) `}${name} · ${common("app")}`;
  }, [pathname, waiting, t, common]);

  useEffect(() => {
    // Where somebody begins, the browser has put the focus itself.
    if (before.current === pathname) return undefined;
    before.current = pathname;
    scrollTo(0, 0);
    return focusHeading();
  }, [pathname]);
  return null;
}

/** Gives the focus to the page's heading, now or when it comes; returns how to stop waiting for it. */
function focusHeading(): () => void {
  const from = document.activeElement;
  const tryNow = (): boolean => {
    // Whoever has gone on meanwhile keeps their place.
    if (document.activeElement !== from && document.activeElement !== document.body) return true;
    const heading = document.querySelector<HTMLElement>("main h1");
    if (heading === null) return false;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    // The heading of the page that is left may still be there, hidden: it does not take the focus.
    return document.activeElement === heading;
  };
  const watcher = new MutationObserver(() => {
    if (tryNow()) watcher.disconnect();
  });
  // One turn later: the page that is left has gone by then.
  const start = setTimeout(() => {
    if (!tryNow()) watcher.observe(document.body, { childList: true, subtree: true });
  });
  const limit = setTimeout(() => watcher.disconnect(), HEADING_LIMIT_MS);
  return () => {
    clearTimeout(start);
    clearTimeout(limit);
    watcher.disconnect();
  };
}
