import { CONSOLE_PATHS, type PatientList } from "@siphms/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, type ReactElement } from "react";
import { Route, Routes } from "react-router";
import { callApi } from "./client.ts";
import { openLiveStream } from "./live/live-stream.ts";
import { PatientStore } from "./live/patient-store.ts";
import { StoreContext } from "./live/use-store.ts";
import { Enter } from "./session/enter.tsx";
import { Gate } from "./session/gate.tsx";
import { useSession } from "./session/session.ts";
import { Patient } from "./views/patient.tsx";
import { Shell } from "./views/shell.tsx";
import { Worklist } from "./views/worklist.tsx";

/** Everything behind the session: one list, one live stream, one store, gone with it. */
function SignedIn(): ReactElement {
  const session = useSession();
  const queries = useQueryClient();
  const store = useMemo(() => new PatientStore(), []);
  const list = useQuery({
    queryKey: ["patients"],
    queryFn: ({ signal }) =>
      callApi<PatientList>(CONSOLE_PATHS.patients, { signal, background: true }),
    staleTime: Infinity,
  });
  useEffect(() => {
    if (list.data !== undefined) store.replaceAll(list.data.patients);
  }, [list.data, store]);
  useEffect(
    () =>
      openLiveStream(store, {
        onReload: () => void queries.invalidateQueries({ queryKey: ["patients"] }),
        // The stream is refused for other reasons as well: only the hospital knows.
        onSessionEnded: () => void session.store.ask(),
      }),
    [queries, session, store],
  );
  return (
    <StoreContext value={store}>
      <Shell attributions={list.data?.attributions ?? []}>
        <Routes>
          <Route path="/patients/:id" element={<Patient />} />
          <Route
            path="*"
            element={<Worklist loading={list.isPending} fetchedAt={list.dataUpdatedAt} />}
          />
        </Routes>
      </Shell>
    </StoreContext>
  );
}

/** The console: the link that opens a session, and what is behind it. */
export function App(): ReactElement {
  return (
    <Routes>
      <Route path="/enter" element={<Enter />} />
      <Route
        path="*"
        element={
          <Gate>
            <SignedIn />
          </Gate>
        }
      />
    </Routes>
  );
}
