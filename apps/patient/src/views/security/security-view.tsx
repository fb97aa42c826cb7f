import { Stack, Title } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { BackButton } from "../back-button.tsx";

/** TODO */
export function SecurityView(): ReactElement {
  const { t } = useTranslation("safety");
  return (
    <Stack gap="md">
      <BackButton />
      <Title order={1} size="h2">
        {t("security")}
      </Title>
    </Stack>
  );
}
