import { CONSOLE_PATHS, type Contact, type OwnContact } from "@siphms/api";
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { callApi } from "../../client.ts";

const KEY = ["contact"] as const;

/** Where the signed-in person is told of alerts beside the console. */
export function useContact(): UseQueryResult<OwnContact> {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => callApi<OwnContact>(CONSOLE_PATHS.contact, { signal }),
  });
}

/** Sets it; asks for a proof of who it is. */
export function useSetContact(): UseMutationResult<OwnContact, Error, Contact> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Contact) =>
      callApi<OwnContact>(CONSOLE_PATHS.contact, { method: "PUT", body }),
    onSuccess: (contact) => queries.setQueryData(KEY, contact),
  });
}
