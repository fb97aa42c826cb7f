import { Alert, Center, Loader, Stack, Title } from "@mantine/core";
import { CONSOLE_PATHS, type SessionInfo } from "@siphms/api";
import { useEffect, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError, callOnce } from "../client.ts";
import { useSession } from "./session.ts";

/** Takes the token out of the fragment, and the fragment out of the address and the history, at once. */
function takeToken(): string | undefined {
  const token = location.hash.replace(/^#(token=)?/, "");
  history.replaceState(null, "", location.pathname);
  return token === "" ? undefined : token;
}

// Taken when the page loads, before anything renders twice: a token works once.
const token = location.pathname === "/enter" ? takeToken() : undefined;

/** Opens a session from the one-use link `/enter#TOKEN` that the operator's command prints. */
export function Enter(): ReactElement {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { store } = useSession();
  const [failure, setFailure] = useState<string | undefined>(
    token === undefined ? t("enter.missing") : undefined,
  );

  useEffect(() => {
    if (token === undefined) return;
    callOnce<SessionInfo>(CONSOLE_PATHS.session, { method: "POST", body: { token } })
      .then((session) => {
        store.enter(session);
        return navigate("/", { replace: true });
      })
      .catch((error: unknown) => {
        setFailure(
          error instanceof ApiError && error.status === 0 ? t("error.network") : t("enter.used"),
        );
      });
  }, [navigate, store, t]);

  return (
    <Center mih="60vh">
      <Stack align="center" maw={520} p="md">
        <Title order={1} size="h3">
          {failure === undefined ? t("enter.title") : t("enter.failed")}
        </Title>
        {failure === undefined ? (
          <Loader aria-label={t("loading")} />
        ) : (
          <Alert role="alert">{failure}</Alert>
        )}
      </Stack>
    </Center>
  );
}

/** What somebody sees who has no session. */
export function SignedOut(): ReactElement {
  const { t } = useTranslation();
  return (
    <Center mih="60vh">
      <Stack align="center" maw={520} p="md">
        <Title order={1} size="h3">
          {t("enter.signedOut")}
        </Title>
        <Alert>{t("enter.signedOutHelp")}</Alert>
      </Stack>
    </Center>
  );
}
