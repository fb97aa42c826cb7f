import { CONSOLE_PATHS, type Factors } from "@siphms/api";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { callApi } from "../client.ts";

/** Under which name the query cache keeps {@link useFactors}. */
export const FACTORS_KEY = ["factors"] as const;

/** What the signed-in person can sign in with. */
export function useFactors(): UseQueryResult<Factors> {
  return useQuery({
    queryKey: FACTORS_KEY,
    queryFn: ({ signal }) => callApi<Factors>(CONSOLE_PATHS.factors, { signal }),
  });
}
