import { MAX_TREND_PATIENTS, trendsPath, type Trends } from "@siphms/api";
import { useContext, useEffect, useRef } from "react";
import { callApi } from "../../client.ts";
import { StoreContext } from "../../live/use-store.ts";

/** Whoever scrolls past sees no curve and asks for none. */
const REST_MS = 200;
/** Live values move a trend; this often it is fetched anew, for what they leave out. */
const FETCH_ANEW_MS = 10 * 60_000;

/** Fetches the last six hours of the patients in sight. @param tick - Changes now and then, so that old trends are seen to be. */
export function useTrends(ids: readonly string[], tick: number): void {
  const store = useContext(StoreContext);
  const asked = useRef(new Map<string, number>());
  const key = ids.join(" ");
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const now = Date.now();
      const wanted = key
        .split(" ")
        .filter((id) => id !== "" && now - (asked.current.get(id) ?? 0) > FETCH_ANEW_MS)
        .slice(0, MAX_TREND_PATIENTS);
      if (wanted.length === 0) return;
      for (const id of wanted) asked.current.set(id, now);
      callApi<Trends>(trendsPath(wanted), { signal: stop.signal })
        .then(({ trends }) => store.takeTrends(trends))
        // The list is whole without its small curves; they are asked for again with the next look.
        .catch(() => {
          for (const id of wanted) asked.current.delete(id);
        });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key, tick, store]);
}
