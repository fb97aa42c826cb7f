import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EmergencyBanner } from "../emergency/emergency-banner.tsx";
import { Preferences } from "../views/preferences.tsx";
import "./session.css";

/** The frame of what is seen before anybody is signed in: one column, one heading, nothing of a patient. */
export function FrontPage({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactElement {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t("app")}`;
    heading.current?.focus();
  }, [title, t]);
  return (
    <div className="siphms-front">
      <header className="siphms-front-head siphms-no-print">
        <Text fw={700}>{t("app")}</Text>
        <Group gap="xs">
          <Preferences />
        </Group>
      </header>
      <main>
        <EmergencyBanner />
        <Paper withBorder p="lg" radius="md" className="siphms-front-card">
          <Stack gap="md">
            <Title order={1} size="h3" ref={heading} tabIndex={-1}>
              {title}
            </Title>
            {children}
          </Stack>
        </Paper>
      </main>
      <footer className="siphms-no-print">
        <Text className="siphms-notice">{t("notMedicalDevice")}</Text>
      </footer>
    </div>
  );
}
