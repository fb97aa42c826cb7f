import { Alert, Button, Container, Skeleton } from "@mantine/core";
import { useEffect, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LogIn } from "./log-in.tsx";
import { SessionGuard } from "./session-guard.tsx";
import { useSession, useSessionState } from "./session.ts";

/** Lets in who is signed in. Where nobody is, nothing of what stood behind it stays on the screen. */
export function Gate({ children }: { readonly children: ReactNode }): ReactElement {
  const { store } = useSession();
  const state = useSessionState();
  useEffect(() => {
    if (store.state().kind === "asking") void store.ask();
  }, [store]);
  switch (state.kind) {
    case "asking":
      return <Asking />;
    case "unreachable":
      return <Unreachable onRetry={() => void store.ask()} />;
    case "signed-out":
      return <LogIn why={state.why} unended={state.unended} />;
    case "signed-in":
      // Another person's screens are made anew, with nothing left of the first one's.
      return <SessionGuard key={state.session.staff.id}>{children}</SessionGuard>;
  }
}

function Asking(): ReactElement {
  const { t } = useTranslation();
  return <Skeleton height={320} aria-label={t("loading")} />;
}

function Unreachable({ onRetry }: { readonly onRetry: () => void }): ReactElement {
  const { t } = useTranslation();
  return (
    <Container size="sm" py="xl">
      <Alert role="alert">
        {t("error.network")}{" "}
        <Button variant="default" size="xs" onClick={onRetry}>
          {t("error.retry")}
        </Button>
      </Alert>
    </Container>
  );
}
