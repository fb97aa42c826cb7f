import { Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { NOTICES_KEY } from "../../session/notices-badge.tsx";
import { useSignedIn, useSignOut } from "../../session/session.ts";
import { FACTORS_KEY, useFactors } from "../../session/use-factors.ts";
import { AlertsContact } from "../contact/alerts-contact.tsx";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { isCaring } from "../shell/places.ts";
import { Notices } from "./notices.tsx";
import { Passkeys } from "./passkeys.tsx";
import { PasswordAndApp } from "./password-and-app.tsx";

/** The own account: what happened to it, what it is signed in with, and how to end every session of it. */
export function Account(): ReactElement {
  const { t } = useTranslation("session");
  const { staff, demo } = useSignedIn();
  return (
    <Stack gap="xl" maw={720}>
      <div>
        <Title order={1} size="h2">
          {t("account.title")}
        </Title>
        <Text>{t("account.who", { name: staff.name, role: t(`role.${staff.role}`) })}</Text>
        {demo ? (
          <Text size="sm" c="dimmed">
            {t("account.demo")}
          </Text>
        ) : null}
      </div>
      {isCaring(staff.role) ? <AlertsContact /> : null}
      <Notices />
      <Factors />
      <Sessions />
    </Stack>
  );
}

function Factors(): ReactElement {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const factors = useFactors();
  if (factors.data === undefined) {
    return factors.isError ? (
      <ProblemAlert error={factors.error} onRetry={() => void factors.refetch()} />
    ) : (
      <Skeleton height={200} aria-label={t("loading")} />
    );
  }
  const changed = (): void => {
    void queries.invalidateQueries({ queryKey: FACTORS_KEY });
    // What was just done stands there as well: whoever did not do it sees it.
    void queries.invalidateQueries({ queryKey: NOTICES_KEY });
  };
  return (
    <>
      <Passkeys passkeys={factors.data.passkeys} onChanged={changed} />
      <PasswordAndApp factors={factors.data} onChanged={changed} />
    </>
  );
}

function Sessions(): ReactElement {
  const { t } = useTranslation("session");
  const signOut = useSignOut();
  return (
    <Part title={t("account.sessionsTitle")}>
      <Text size="sm">{t("account.everywhereHelp")}</Text>
      <div>
        <Button variant="default" onClick={() => void signOut("everywhere")}>
          {t("account.everywhere")}
        </Button>
      </div>
    </Part>
  );
}
