import {
  quarantineDecisionsPath,
  quarantineEntriesPath,
  type DecideQuarantine,
  type QuarantineEntries,
} from "@siphms/api";
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { callApi } from "../../client.ts";

/** What is still to be decided, or what was. */
export type QuarantineState = "decided" | "held";

/** One of the two lists of a patient's quarantine. */
export function useQuarantine(
  patient: string,
  state: QuarantineState,
): UseQueryResult<QuarantineEntries> {
  return useQuery({
    queryKey: ["patient", patient, "quarantine", state],
    queryFn: ({ signal }) =>
      callApi<QuarantineEntries>(quarantineEntriesPath(patient, state), {
        signal,
      }),
  });
}

/** Releases or rejects; everything that shows the patient's values is fetched anew. */
export function useDecide(patient: string): UseMutationResult<undefined, Error, DecideQuarantine> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: DecideQuarantine) =>
      callApi<undefined>(quarantineDecisionsPath(patient), { method: "POST", body }),
    // The same values stand in lists, charts and summaries of this patient.
    onSuccess: () =>
      queries.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] === "patients" || queryKey.includes(patient),
      }),
  });
}
