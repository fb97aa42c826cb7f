import {
  CONSOLE_PATHS,
  type AuditChoices,
  type AuditLine,
  type AuditLines,
  type AuditSearch,
} from "@siphms/api";
import { useInfiniteQuery, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { callApi } from "../../client.ts";

/** Entries of the audit log as far as they were asked for, newest first. */
export interface FoundEntries {
  /** `undefined` until the first answer. */
  readonly entries: readonly AuditLine[] | undefined;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isAsking: boolean;
  readonly more: () => void;
  readonly retry: () => void;
}

/** What is asked where: the same question asked again is another one, as it is noted again. */
export interface Asked {
  readonly path: string;
  readonly question: object;
  readonly number: number;
}

/** Whom and what a search can name. */
export function useChoices(): UseQueryResult<AuditChoices> {
  return useQuery({
    queryKey: ["audit-choices"],
    queryFn: ({ signal }) => callApi<AuditChoices>(CONSOLE_PATHS.auditChoices, { signal }),
  });
}

/**
 * Asks page by page, and never by itself anew: each question is noted. Kept no longer than it is shown.
 */
export function useFoundEntries({ path, question, number }: Asked): FoundEntries {
  const query = useInfiniteQuery({
    queryKey: ["audit-entries", path, question, number],
    queryFn: ({ pageParam, signal }) => {
      const body = { ...question, ...(pageParam === undefined ? {} : { before: pageParam }) };
      // A question, although it is posted so that a record number stands in no address.
      return callApi<AuditLines>(path, { method: "POST", body, signal, background: true });
    },
    initialPageParam: firstPage(),
    getNextPageParam: ({ entries, more }) => (more ? placeAfter(entries) : undefined),
    gcTime: 0,
    staleTime: Infinity,
  });
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = query;
  return {
    ...{ entries: data?.pages.flatMap(({ entries }) => entries), error },
    ...{ hasMore: hasNextPage, isAsking: isFetching },
    more: () => void fetchNextPage(),
    // What is there stays: where a further page failed, that one is asked for again.
    retry: () => void (data === undefined ? refetch() : fetchNextPage()),
  };
}

function firstPage(): AuditSearch["before"] {
  return undefined;
}

function placeAfter(entries: readonly AuditLine[]): AuditSearch["before"] {
  const last = entries.at(-1);
  return last === undefined ? undefined : { at: last.at, id: last.id };
}
