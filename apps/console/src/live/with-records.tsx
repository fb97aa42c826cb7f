import { CONSOLE_PATHS, type PatientList } from "@siphms/api";
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import {
  createContext,
  useEffect,
  useMemo,
  useRef,
  type ReactElement,
  type ReactNode,
} from "react";
import { callApi } from "../client.ts";
import { useEmergency } from "../emergency/emergency.ts";
import { alertsQuery } from "./alerts-query.ts";
import { openLiveStream } from "./live-stream.ts";
import { useSession } from "../session/session.ts";
import { PatientStore } from "./patient-store.ts";
import { StoreContext } from "./use-store.ts";

/** How the list of patients stands. */
export interface ListState {
  readonly loading: boolean;
  /** The hospital did not give it: nothing is known but that. */
  readonly failed: boolean;
  readonly retry: () => void;
  readonly attributions: PatientList["attributions"];
}

/** The list's state for whoever shows it; nobody else's page loads one. */
export const ListContext = createContext<ListState>({
  loading: true,
  failed: false,
  retry: () => undefined,
  attributions: [],
});

/** How the list of open alerts stands. */
export type AlertsState = Pick<ListState, "failed" | "loading" | "retry">;

/** Whether the open alerts are known: where they are not, their absence means nothing. */
export const AlertsContext = createContext<AlertsState>({
  loading: true,
  failed: false,
  retry: () => undefined,
});

/** What is on its way already may have been answered before the change: it is asked once more as well. */
async function askAnew(queries: QueryClient, queryKey: readonly string[]): Promise<void> {
  await queries.cancelQueries({ queryKey });
  await queries.invalidateQueries({ queryKey });
}

/** Whatever a page keeps of one patient stands under these keys, followed by the patient's id. */
function reload(queries: QueryClient, patient?: string): void {
  for (const key of ["patient", "readings"]) {
    void askAnew(queries, patient === undefined ? [key] : [key, patient]);
  }
  void askAnew(queries, ["patients"]);
  void askAnew(queries, ["alerts"]);
}

/** How often a copy that tells nothing by itself is asked. */
const ASK_EVERY_MS = 30_000;

function askNowAndThen(ask: () => void): () => void {
  const timer = setInterval(ask, ASK_EVERY_MS);
  return () => clearInterval(timer);
}

/** For those who look after patients: one list, one live stream, one store, gone with the session. */
export function WithRecords({ children }: { readonly children: ReactNode }): ReactElement {
  const queries = useQueryClient();
  const session = useSession();
  const store = useMemo(() => new PatientStore(), []);
  const list = useQuery({
    queryKey: ["patients"],
    queryFn: ({ signal }) => callApi<PatientList>(CONSOLE_PATHS.patients, { signal }),
    staleTime: Infinity,
  });
  useEffect(() => {
    if (list.data !== undefined) store.replaceAll(list.data.patients);
  }, [list.data, store]);
  const emergency = useEmergency();
  const isEmergency = emergency !== undefined;
  useEffect(() => {
    // The stream is refused for other reasons as well: only the hospital knows.
    const ask = (): void => void session.store.ask();
    // There is no stream then, but the copy may go on: each answer says up to when it goes.
    if (isEmergency) return askNowAndThen(ask);
    const onReload = (patient?: string): void => reload(queries, patient);
    return openLiveStream(store, { onReload, onSessionEnded: ask });
  }, [queries, session, store, isEmergency]);
  const copyAsOf = emergency?.copyAsOf;
  const shownAsOf = useRef(copyAsOf);
  useEffect(() => {
    if (copyAsOf !== shownAsOf.current) reload(queries);
    shownAsOf.current = copyAsOf;
  }, [queries, copyAsOf]);
  const { isPending, isError, failureCount, data } = list;
  // Said with the first try that failed: the page goes on trying, and nobody waits half a minute to hear of it.
  const failed = data === undefined && (isError || failureCount > 0);
  const loading = isPending && !failed;
  const state = useMemo(
    () => ({
      ...{ loading, failed, attributions: data?.attributions ?? [] },
      retry: () => void queries.resetQueries({ queryKey: ["patients"] }),
    }),
    [loading, failed, queries, data],
  );
  const alerts = useAlertStands(store);
  return (
    <StoreContext value={store}>
      <ListContext value={state}>
        <AlertsContext value={alerts}>{children}</AlertsContext>
      </ListContext>
    </StoreContext>
  );
}

/** Keeps the stands of all alerts in the store; the stream goes on from there. */
function useAlertStands(store: PatientStore): AlertsState {
  const queries = useQueryClient();
  const options = useMemo(() => alertsQuery(store.standTurn), [store]);
  const { data, isPending, isError } = useQuery(options);
  useEffect(() => {
    if (data !== undefined) store.replaceStands(data.list, data.turn);
  }, [data, store]);
  // Said also where an older list is there: an alert may be missing from it.
  return useMemo(
    () => ({
      loading: isPending,
      failed: isError,
      retry: () => void queries.resetQueries({ queryKey: ["alerts"] }),
    }),
    [isPending, isError, queries],
  );
}
