import { patientPartPath, type AlertHistory, type ApiAlert } from "@siphms/api";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { callApi } from "../../client.ts";
import { useStand } from "../../live/use-store.ts";
import { historyKey } from "./use-alert-acts.ts";

/** A patient's earlier alerts, newest first, as far as they were asked for. */
export interface EarlierAlerts {
  readonly alerts: readonly ApiAlert[];
  readonly loading: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isAsking: boolean;
  readonly more: () => void;
  readonly retry: () => void;
}

/** Loads a patient's alerts that are not open, page by page, and anew when one is opened, looked after or closed. */
export function useHistory(patient: string): EarlierAlerts {
  const open = useStand(patient)?.open;
  const query = useInfiniteQuery({
    queryKey: historyKey(patient),
    queryFn: ({ pageParam, signal }) =>
      callApi<AlertHistory>(historyPath(patient, pageParam), { signal }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });
  useAskedAnew(patient, open);
  const { data, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const alerts = useMemo(() => earlierOf(data?.pages ?? [], open ?? []), [data, open]);
  return {
    ...{ alerts, loading: isPending, error, hasMore: hasNextPage, isAsking: isFetchingNextPage },
    more: () => void fetchNextPage(),
    retry: () => void refetch(),
  };
}

function historyPath(patient: string, before: string): string {
  const path = patientPartPath(patient, "alerts");
  return before === "" ? path : `${path}?before=${encodeURIComponent(before)}`;
}

/** What is open stands above already; where pages met a new alert between them, one may be there twice. */
function earlierOf(pages: readonly AlertHistory[], open: readonly ApiAlert[]): readonly ApiAlert[] {
  const isOpen = new Set(open.map(({ id }) => id));
  const all = pages.flatMap(({ alerts }) => alerts).filter(({ id }) => !isOpen.has(id));
  return [...new Map(all.map((alert) => [alert.id, alert])).values()];
}

function useAskedAnew(patient: string, open: readonly ApiAlert[] | undefined): void {
  const queries = useQueryClient();
  const ids = open?.map(({ id }) => id).join(" ");
  const known = useRef(ids);
  useEffect(() => {
    if (known.current !== undefined && known.current !== ids) {
      void queries.invalidateQueries({ queryKey: historyKey(patient) });
    }
    known.current = ids;
  }, [ids, patient, queries]);
}
