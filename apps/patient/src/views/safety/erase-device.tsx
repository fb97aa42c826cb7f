import { Button, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { usePatientApp } from "../../app/patient-app-context.ts";

/** Erases everything on this phone, after one question that says what is lost. */
export function EraseDevice({ samples }: { readonly samples: number }): ReactElement {
  const { t } = useTranslation("safety");
  const app = usePatientApp();
  const [isAsked, setAsked] = useState(false);
  if (!isAsked)
    return (
      <Button variant="outline" color="red" onClick={() => setAsked(true)}>
        {t("erase")}
      </Button>
    );
  return (
    <Stack gap="xs" role="group" aria-label={t("erase")}>
      <Title order={2} size="h4">
        {t("erase")}
      </Title>
      <Text>{t("eraseHelp")}</Text>
      <Text fw={600}>{samples === 0 ? t("eraseNone") : t("eraseUnsent", { count: samples })}</Text>
      <Button color="red" onClick={() => void app.wipe()}>
        {t("eraseSure")}
      </Button>
      <Button variant="default" onClick={() => setAsked(false)}>
        {t("cancel")}
      </Button>
    </Stack>
  );
}
