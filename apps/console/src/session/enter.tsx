import { Alert, Button, Loader } from "@mantine/core";
import { CONSOLE_PATHS, type SessionInfo, type SetUpPerson } from "@siphms/api";
import { useEffect, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError, callOnce } from "../client.ts";
import { FrontPage } from "./front-page.tsx";
import { useSession } from "./session.ts";
import { SetUp } from "./set-up.tsx";
import { useAttempt } from "./use-attempt.ts";

/** What a link's token opens: a session in a demo, the set-up of somebody's way in elsewhere. */
type Opened =
  | { readonly kind: "session"; readonly session: SessionInfo }
  | { readonly kind: "set-up"; readonly person: SetUpPerson };

/** Takes the token out of the fragment, and the fragment out of the address and the history, at once. */
function takeToken(): string | undefined {
  const token = location.hash.replace(/^#(token=)?/, "");
  history.replaceState(null, "", location.pathname);
  return token === "" ? undefined : token;
}

// Taken when the page loads, before anything renders twice: a token works once.
const token = location.pathname === "/enter" ? takeToken() : undefined;
let opening: Promise<Opened> | undefined;

async function open(link: string): Promise<Opened> {
  const ask = { method: "POST", body: { token: link } } as const;
  try {
    return { kind: "session", session: await callOnce<SessionInfo>(CONSOLE_PATHS.session, ask) };
  } catch (error) {
    if (!(error instanceof ApiError) || error.problem !== "demo-only") throw error;
    return { kind: "set-up", person: await callOnce<SetUpPerson>(CONSOLE_PATHS.setUp, ask) };
  }
}

/** Opens the one-use link `/enter#TOKEN` that an administrator or the operator made. */
export function Enter(): ReactElement {
  const { t } = useTranslation("session");
  const navigate = useNavigate();
  const { store } = useSession();
  const [person, setPerson] = useState<SetUpPerson>();
  const attempt = useAttempt();
  const { fail } = attempt;

  useEffect(() => {
    // Another link in the same window changes the fragment alone, and the page would not notice.
    const reload = (): void => location.reload();
    addEventListener("hashchange", reload);
    return () => removeEventListener("hashchange", reload);
  }, []);
  useEffect(() => {
    if (token === undefined) return;
    opening ??= open(token);
    opening
      .then((opened) => {
        if (opened.kind === "set-up") {
          setPerson(opened.person);
          return;
        }
        store.enter(opened.session);
        return navigate("/", { replace: true });
      })
      .catch(fail);
  }, [navigate, store, fail]);

  if (token === undefined) return <NotOpened failure={t("enter.missing")} />;
  if (attempt.failure !== undefined) return <NotOpened failure={attempt.failure} />;
  if (person !== undefined) {
    const enter = (session: SessionInfo): void => {
      store.enter(session);
      void navigate("/", { replace: true });
    };
    return <SetUp token={token} person={person} onSession={enter} />;
  }
  return (
    <FrontPage title={t("enter.title")}>
      <Loader aria-label={t("enter.title")} />
    </FrontPage>
  );
}

function NotOpened({ failure }: { readonly failure: string }): ReactElement {
  const { t } = useTranslation("session");
  return (
    <FrontPage title={t("enter.failed")}>
      <Alert role="alert">{failure}</Alert>
      <Button component="a" href="/" variant="default">
        {t("enter.toLogIn")}
      </Button>
    </FrontPage>
  );
}
