import { Alert, Button, Group, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useObserved, usePatientApp } from "../app/patient-app-context.ts";
import { appUpdate } from "../app/update.ts";

/** Offers a new version; the patient says when. */
export function UpdateNotice(): ReactElement | null {
  const { t } = useTranslation("welcome");
  const app = usePatientApp();
  if (!useObserved(appUpdate.isReady)) return null;
  return (
    <Alert m="md" role="status">
      <Group justify="space-between">
        <Text>{t("updateReady")}</Text>
        <Button onClick={() => void app.putAway().then(() => appUpdate.take())}>
          {t("updateNow")}
        </Button>
      </Group>
    </Alert>
  );
}
