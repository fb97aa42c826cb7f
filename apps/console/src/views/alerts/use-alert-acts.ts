import {
  patientPartPath,
  type AcknowledgeAlert,
  type ApiAlert,
  type ResolveAlert,
} from "@siphms/api";
import {
  useMutation,
  useQueryClient,
  type QueryClient,
  type UseMutationResult,
} from "@tanstack/react-query";
import { callApi } from "../../client.ts";

/** Under which name the query cache keeps a patient's earlier alerts. */
export function historyKey(patient: string): readonly string[] {
  return ["patient", patient, "alerts"];
}

/** Says that the signed-in person looks after an alert. */
export function useAcknowledge({
  id,
  level,
  patient,
}: Pick<ApiAlert, "id" | "level" | "patient">): UseMutationResult<unknown, Error, void> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => {
      // Of the level that stood on the screen: one that has risen meanwhile nobody has acknowledged.
      const body: AcknowledgeAlert = { alert: id, level };
      return callApi(patientPartPath(patient, "alerts/acknowledge"), { method: "POST", body });
    },
    onSettled: () => askAnew(queries, patient),
  });
}

/** Closes an alert with a note. */
export function useResolve({
  id,
  patient,
}: Pick<ApiAlert, "id" | "patient">): UseMutationResult<unknown, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (note: string) => {
      const body: ResolveAlert = { alert: id, note };
      return callApi(patientPartPath(patient, "alerts/resolve"), { method: "POST", body });
    },
    onSettled: () => askAnew(queries, patient),
  });
}

/** The stream tells it as well, unless it is not live just now. */
async function askAnew(queries: QueryClient, patient: string): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ["alerts"] }),
    queries.invalidateQueries({ queryKey: historyKey(patient) }),
  ]);
}
