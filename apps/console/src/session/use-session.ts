import { CONSOLE_PATHS, type SessionInfo } from "@siphms/api";
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";
import { callApi } from "../client.ts";

const SESSION_KEY = ["session"] as const;

/** Who is signed in; an error with status 401 means nobody. */
export function useSession(): UseQueryResult<SessionInfo> {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) =>
      callApi<SessionInfo>(CONSOLE_PATHS.session, { signal, background: true }),
    retry: false,
    staleTime: Infinity,
  });
}

/** Ends the session at the hospital and empties everything that this page holds. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(async () => {
    // The page forgets even when the hospital cannot be reached: the records must leave the screen.
    await callApi(CONSOLE_PATHS.session, { method: "DELETE" }).catch(() => undefined);
    queries.clear();
    location.assign("/");
  }, [queries]);
}
