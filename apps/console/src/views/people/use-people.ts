import { CONSOLE_PATHS, type StaffAccount } from "@siphms/api";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { callApi } from "../../client.ts";

/** Under which name the query cache keeps {@link usePeople}. */
export const PEOPLE_KEY = ["people"] as const;

/** Everybody's accounts; for administrators. */
export function usePeople(): UseQueryResult<{ readonly staff: readonly StaffAccount[] }> {
  return useQuery({
    queryKey: PEOPLE_KEY,
    queryFn: ({ signal }) =>
      callApi<{ readonly staff: readonly StaffAccount[] }>(CONSOLE_PATHS.staff, { signal }),
  });
}
