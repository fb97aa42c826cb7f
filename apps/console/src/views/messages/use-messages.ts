import {
  patientPartPath,
  type NewMessage,
  type PatientMessages,
  type SentMessage,
} from "@siphms/api";
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { callApi } from "../../client.ts";

/** How often the page looks whether something was seen. */
const REFRESH_MS = 10_000;

function messagesKey(patient: string): readonly string[] {
  return ["patient", patient, "messages"];
}

/** What was sent to a patient, newest first, and whether it was seen. */
export function useMessages(patient: string): UseQueryResult<PatientMessages> {
  return useQuery({
    queryKey: messagesKey(patient),
    queryFn: ({ signal }) =>
      callApi<PatientMessages>(patientPartPath(patient, "messages"), { signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** Sends something to all active phones of a patient. */
export function useSendMessage(patient: string): UseMutationResult<SentMessage, Error, NewMessage> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewMessage) =>
      callApi<SentMessage>(patientPartPath(patient, "messages"), { method: "POST", body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: messagesKey(patient) }),
  });
}
