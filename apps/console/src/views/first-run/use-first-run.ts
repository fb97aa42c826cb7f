import { CONSOLE_PATHS, type FirstRun } from "@siphms/api";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { callApi } from "../../client.ts";

const REFRESH_MS = 5000;

/** What there is in the installation; asked again while the list of steps is on the screen. */
export function useFirstRun(isWatched: boolean): UseQueryResult<FirstRun> {
  return useQuery({
    queryKey: ["first-run"],
    queryFn: ({ signal }) => callApi<FirstRun>(CONSOLE_PATHS.firstRun, { signal }),
    refetchInterval: isWatched ? REFRESH_MS : false,
  });
}
