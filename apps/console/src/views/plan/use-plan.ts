import {
  CONSOLE_PATHS,
  patientPartPath,
  type PatientPlan,
  type PlanHistory,
  type PlanTemplates,
  type SetPlan,
} from "@siphms/api";
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { callApi } from "../../client.ts";

/** What is watched about a patient: as it holds now, also after somebody else has changed it. */
export function usePlan(patient: string): UseQueryResult<PatientPlan> {
  return useQuery({
    queryKey: ["patient", patient, "plan"],
    queryFn: ({ signal }) => callApi<PatientPlan>(patientPartPath(patient, "plan"), { signal }),
    staleTime: Infinity,
  });
}

/** Every version of a patient's plan, newest first. */
export function usePlanHistory(patient: string): UseQueryResult<PlanHistory> {
  return useQuery({
    queryKey: ["patient", patient, "plan-history"],
    queryFn: ({ signal }) =>
      callApi<PlanHistory>(patientPartPath(patient, "plan/history"), { signal }),
  });
}

/** What a plan can be begun from. */
export function usePlanTemplates(): UseQueryResult<PlanTemplates> {
  return useQuery({
    queryKey: ["plan-templates"],
    queryFn: ({ signal }) => callApi<PlanTemplates>(CONSOLE_PATHS.planTemplates, { signal }),
    staleTime: Infinity,
  });
}

/** Sets a new version; everything that shows this patient is fetched anew. */
export function useSetPlan(patient: string): UseMutationResult<PatientPlan, Error, SetPlan> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: SetPlan) =>
      callApi<PatientPlan>(patientPartPath(patient, "plan"), { method: "PUT", body }),
    onSuccess: (plan) => {
      queries.setQueryData(["patient", patient, "plan"], plan);
      return queries.invalidateQueries({ queryKey: ["patient", patient] });
    },
  });
}
