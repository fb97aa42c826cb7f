import {
  CONSOLE_PATHS,
  type CurrentEscalation,
  type EscalationPeople,
  type SetEscalation,
} from "@siphms/api";
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { callApi } from "../../client.ts";

const KEY = ["escalation"] as const;
const PEOPLE_KEY = ["escalation-people"] as const;

/** Whom alerts are handed on to. */
export function useEscalation(): UseQueryResult<CurrentEscalation> {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => callApi<CurrentEscalation>(CONSOLE_PATHS.escalation, { signal }),
  });
}

/** Who can be named in a step. */
export function useEscalationPeople(): UseQueryResult<EscalationPeople> {
  return useQuery({
    queryKey: PEOPLE_KEY,
    queryFn: ({ signal }) => callApi<EscalationPeople>(CONSOLE_PATHS.escalationPeople, { signal }),
  });
}

/** Sets a new version; asks for a proof of who it is. */
export function useSetEscalation(): UseMutationResult<CurrentEscalation, Error, SetEscalation> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: SetEscalation) =>
      callApi<CurrentEscalation>(CONSOLE_PATHS.escalation, { method: "PUT", body }),
    onSuccess: (escalation) => queries.setQueryData(KEY, escalation),
    // What it stumbled over may be new to this page.
    onError: () => {
      void queries.invalidateQueries({ queryKey: KEY });
      void queries.invalidateQueries({ queryKey: PEOPLE_KEY });
    },
  });
}
