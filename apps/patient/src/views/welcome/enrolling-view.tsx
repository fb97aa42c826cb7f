import { Alert, Button, Loader, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { usePatientApp } from "../../app/patient-app-context.ts";
import type { AppStage, FailureCode } from "../../app/stage.ts";
import { FrontPage } from "../front-page.tsx";

/** With these the same invitation leads nowhere. */
const HOPELESS: ReadonlySet<FailureCode> = new Set([
  "INVITATION_MALFORMED",
  "INVITATION_EXPIRED",
  "INVITATION_REFUSED",
  "ENROLMENT_REFUSED",
  "CODE_LIMIT",
  "HOSPITAL_KEY_MISMATCH",
]);

/** While the phone and the hospital make each other's acquaintance, and where that stopped. */
export function EnrollingView({
  stage,
}: {
  readonly stage: Extract<AppStage, { kind: "enrolling" }>;
}): ReactElement {
  const { t } = useTranslation(["welcome", "problems"]);
  const app = usePatientApp();
  const { hospitalName, problem } = stage;
  if (problem === undefined)
    return (
      <FrontPage title={t("connectingTitle", { hospital: hospitalName })}>
        <Loader aria-hidden="true" />
        <Text role="status">{t("connectingHelp")}</Text>
      </FrontPage>
    );
  return (
    <FrontPage title={t("stoppedTitle")}>
      <Alert role="alert">{t(`problems:${problem}`)}</Alert>
      {HOPELESS.has(problem) ? null : (
        <Button onClick={() => void app.tryAgain()}>{t("tryAgain")}</Button>
      )}
      <Button variant="default" onClick={() => void app.otherInvitation()}>
        {t("otherInvitation")}
      </Button>
    </FrontPage>
  );
}
