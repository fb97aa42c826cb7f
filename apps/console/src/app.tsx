import { Alert, Button, Container, Skeleton } from "@mantine/core";
import { CONSOLE_PATHS, type PatientList, type SessionInfo } from "@siphms/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { ApiError, callApi } from "./client.ts";
import type { Language } from "./i18n/index.ts";
import { openLiveStream } from "./live/live-stream.ts";
import { PatientStore } from "./live/patient-store.ts";
import { StoreContext } from "./live/use-store.ts";
import { Enter, SignedOut } from "./session/enter.tsx";
import { useSession } from "./session/use-session.ts";
import { Patient } from "./views/patient.tsx";
import { Shell } from "./views/shell.tsx";
import { Worklist } from "./views/worklist.tsx";

interface SignedInProps {
  readonly session: SessionInfo;
  readonly onLanguage: (language: Language) => void;
}

/** Everything behind the session: one list, one live stream, one store, gone with it. */
function SignedIn({ session, onLanguage }: SignedInProps): ReactElement {
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
        onSessionEnded: () => void queries.resetQueries({ queryKey: ["session"] }),
      }),
    [queries, store],
  );
  return (
    <StoreContext value={store}>
      <Shell session={session} attributions={list.data?.attributions ?? []} onLanguage={onLanguage}>
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

function Gate({ onLanguage }: Pick<SignedInProps, "onLanguage">): ReactElement {
  const { t } = useTranslation();
  const session = useSession();
  if (session.isPending) return <Skeleton height={320} aria-label={t("loading")} />;
  if (session.data !== undefined)
    return <SignedIn session={session.data} onLanguage={onLanguage} />;
  if (session.error instanceof ApiError && session.error.status === 401) return <SignedOut />;
  return (
    <Container size="sm" py="xl">
      <Alert role="alert">
        {t("error.network")}{" "}
        <Button variant="default" size="xs" onClick={() => void session.refetch()}>
          {t("error.retry")}
        </Button>
      </Alert>
    </Container>
  );
}

/** The console: the link that opens a session, and what is behind it. */
export function App({ onLanguage }: Pick<SignedInProps, "onLanguage">): ReactElement {
  return (
    <Routes>
      <Route path="/enter" element={<Enter />} />
      <Route path="*" element={<Gate onLanguage={onLanguage} />} />
    </Routes>
  );
}
