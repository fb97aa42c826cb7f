import { CONSOLE_PATHS, type AcknowledgeSystemAlert, type SystemAlerts } from "@siphms/api";
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { callApi } from "../../client.ts";

const KEY = ["system-alerts"] as const;
/** How often the page looks for new ones by itself. */
const LOOK_MS = 15_000;

/** The system alerts that are open, newest first. */
export function useSystemAlerts(): UseQueryResult<SystemAlerts> {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => callApi<SystemAlerts>(CONSOLE_PATHS.systemAlerts, { signal }),
    refetchInterval: LOOK_MS,
  });
}

/** Closes one; one that somebody else has closed is as it was wanted. */
export function useAcknowledge(): UseMutationResult<unknown, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (alert: string) => {
      const body: AcknowledgeSystemAlert = { alert };
      return callApi(CONSOLE_PATHS.acknowledgeSystemAlert, { method: "POST", body });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
