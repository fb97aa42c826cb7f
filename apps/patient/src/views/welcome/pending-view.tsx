import { Button, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { usePatientApp } from "../../app/patient-app-context.ts";
import type { AppStage } from "../../app/stage.ts";
import { FrontPage } from "../front-page.tsx";

/** The six digits that the patient and staff compare. */
export function PendingView({
  stage,
}: {
  readonly stage: Extract<AppStage, { kind: "pending" }>;
}): ReactElement {
  const { t } = useTranslation("welcome");
  const app = usePatientApp();
  const { code, hospitalName } = stage;
  return (
    <FrontPage title={t("codeTitle")}>
      <Text dir="auto">{hospitalName}</Text>
      {/* One digit after the other, also for a screen reader. */}
      <p
        className="siphms-code"
        dir="ltr"
        data-testid="enrol-code"
        aria-label={Array.from(code).join(" ")}
      >
        {code}
      </p>
      <Text>{t("codeHelp")}</Text>
      <Text>{t("codeNext")}</Text>
      <Text>{t("codeDiffers")}</Text>
      <Button variant="default" onClick={() => void app.otherInvitation()}>
        {t("otherInvitation")}
      </Button>
    </FrontPage>
  );
}
