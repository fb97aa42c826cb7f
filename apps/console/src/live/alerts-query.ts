import { CONSOLE_PATHS, type AlertList } from "@siphms/api";
import { queryOptions } from "@tanstack/react-query";
import { callApi } from "../client.ts";

/** The open alerts are asked for this often whatever the stream says: one that is lost on its way must not be missing for long. */
const ANEW_MS = 60_000;
/** So often where the hospital did not give them. */
const AGAIN_MS = 15_000;

/** The hospital's answer, and the turn of the store in which it was asked for. */
export interface AskedAlerts {
  readonly turn: number;
  readonly list: AlertList;
}

/**
 * How the open alerts are asked for: also in a window that nobody looks at, as that is the one that has to ring, and whatever the
 * browser thinks of the network. A try that fails is over at once, and the next one follows.
 *
 * @param turnNow - Read before the hospital is asked.
 */
export function alertsQuery(turnNow: () => number) {
  return queryOptions<AskedAlerts>({
    queryKey: ["alerts"],
    queryFn: async ({ signal }) => {
      const turn = turnNow();
      return { turn, list: await callApi<AlertList>(CONSOLE_PATHS.alerts, { signal }) };
    },
    staleTime: Infinity,
    retry: false,
    networkMode: "always",
    refetchInterval: ({ state }) => (state.status === "error" ? AGAIN_MS : ANEW_MS),
    refetchIntervalInBackground: true,
    // The store compares stands itself; to compare the whole list node by node stops a slow tablet for a moment.
    structuralSharing: false,
  });
}
