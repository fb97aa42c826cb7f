import { Alert, AppShell, Badge, Button, Group, Text } from "@mantine/core";
import type { Attribution } from "@siphms/api";
import type { ReactElement, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useConnection } from "../live/use-store.ts";
import { useSignedIn, useSignOut } from "../session/session.ts";
import { Preferences } from "./preferences.tsx";

/** Says whether the screen is live; a lost connection is said loudly, a live one quietly. */
function ConnectionState(): ReactElement {
  const { t } = useTranslation();
  const connection = useConnection();
  return (
    <Text size="sm" role="status" className={connection === "lost" ? "siphms-lost" : "siphms-live"}>
      <span aria-hidden="true">{connection === "live" ? "●" : "○"}</span>{" "}
      {t(`connection.${connection}`)}
    </Text>
  );
}

/** What a lost connection means for what is on the screen. */
function LostNotice(): ReactElement | null {
  const { t } = useTranslation();
  if (useConnection() !== "lost") return null;
  return (
    <Alert role="alert" variant="outline" color="var(--siphms-technical)" mb="sm">
      {t("lostNotice")}
    </Alert>
  );
}

/** Props of {@link Shell}. */
export interface ShellProps {
  readonly attributions: readonly Attribution[];
  readonly children: ReactNode;
}

/** The frame around every page: who is signed in, whether the screen is live, what this is not. */
export function Shell({ attributions, children }: ShellProps): ReactElement {
  const { t } = useTranslation();
  const session = useSignedIn();
  const signOut = useSignOut();
  return (
    <AppShell header={{ height: { base: 122, sm: 92, md: 56 } }} padding="md">
      <a href="#content" className="siphms-skip">
        {t("skipToContent")}
      </a>
      <AppShell.Header px="md" className="siphms-no-print">
        <Group h="100%" justify="space-between" gap="xs">
          <Group gap="sm">
            <Text fw={700}>{t("app")}</Text>
            {session.demo ? (
              <Badge variant="outline" color="var(--siphms-pending)" className="siphms-badge">
                {t("demo")}
              </Badge>
            ) : null}
            <ConnectionState />
          </Group>
          <Group gap="xs">
            <Preferences />
            <Text size="sm" visibleFrom="md">
              {t("signedInAs", { name: session.staff.name })}
            </Text>
            <Button size="xs" variant="default" onClick={() => void signOut()}>
              {t("signOut")}
            </Button>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main id="content" tabIndex={-1}>
        <LostNotice />
        {children}
        <footer>
          <Text className="siphms-notice" mt="xl">
            {t("notMedicalDevice")}
          </Text>
          {attributions.length > 0 ? (
            <details className="siphms-notice">
              <summary>{t("attributions")}</summary>
              {attributions.map(({ source, text }) => (
                <p key={source} lang="en" dir="ltr">
                  {source}: {text}
                </p>
              ))}
            </details>
          ) : null}
        </footer>
      </AppShell.Main>
    </AppShell>
  );
}
