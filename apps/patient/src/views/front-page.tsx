import { Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LanguageSelect } from "./language-select.tsx";

/** Props of {@link FrontPage}. */
export interface FrontPageProps {
  readonly title: string;
  readonly children?: ReactNode;
}

/** A screen that stands in front of the lock: one column, the language to choose, what this is not. */
export function FrontPage({ title, children }: FrontPageProps): ReactElement {
  const { t } = useTranslation("welcome");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <div className="siphms-front">
      <header className="siphms-front-header">
        <Text component="span" fw={700}>
          SIPHMS
        </Text>
        <LanguageSelect />
      </header>
      <Stack component="main" gap="md">
        <Title order={1} size="h2" ref={heading} tabIndex={-1}>
          {title}
        </Title>
        {children}
      </Stack>
      <footer>
        <Text size="sm" c="dimmed" mt="xl">
          {t("notMedicalDevice")}
        </Text>
      </footer>
    </div>
  );
}
