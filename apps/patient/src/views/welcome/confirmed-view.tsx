import { Button, List } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { usePatientApp } from "../../app/patient-app-context.ts";
import type { AppStage } from "../../app/stage.ts";
import { FrontPage } from "../front-page.tsx";

/** Both signatures have verified: only now the app can be entered. */
export function ConfirmedView({
  stage,
}: {
  readonly stage: Extract<AppStage, { kind: "confirmed" }>;
}): ReactElement {
  const { t } = useTranslation("welcome");
  const app = usePatientApp();
  return (
    <FrontPage title={t("confirmedTitle")}>
      <List spacing="xs" icon={<span aria-hidden="true">✓</span>}>
        <List.Item>{t("confirmedHospital", { hospital: stage.hospitalName })}</List.Item>
        <List.Item>{t("confirmedDevice")}</List.Item>
      </List>
      <Button onClick={() => void app.enter()}>{t("accessApp")}</Button>
    </FrontPage>
  );
}
