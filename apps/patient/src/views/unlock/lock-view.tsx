import { Alert, Button, Stack, Text } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { localeOf } from "../../i18n/locale.ts";
import { usePatientApp } from "../../app/patient-app-context.ts";
import type { AppStage } from "../../app/stage.ts";
import { FrontPage } from "../front-page.tsx";
import { StorageWarning } from "../welcome/storage-warning.tsx";
import { UnlockForm } from "./unlock-form.tsx";

type Locked = Extract<AppStage, { kind: "locked" }>;

/** The lock: nothing of the patient shows before the right PIN, fingerprint or face. */
export function LockView({ stage }: { readonly stage: Locked }): ReactElement {
  const { t } = useTranslation("unlock");
  const app = usePatientApp();
  const { vault } = stage;
  const isLost = vault.pin === "destroyed" && vault.prf === undefined;
  return (
    <FrontPage title={isLost ? t("destroyedTitle") : t("title")}>
      {isLost ? (
        <StartOver unsent={stage.unsent} />
      ) : (
        <>
          <Text>{t("help")}</Text>
          {vault.pin === "destroyed" ? <Alert>{t("destroyedWithPasskey")}</Alert> : null}
          <LossWarning stage={stage} />
          <UnlockForm
            vault={vault}
            onPin={(pin) => app.unlockWithPin(pin)}
            onPasskey={() => app.unlockWithPasskey()}
          />
        </>
      )}
      <MonitoringNotice until={stage.monitoringUntil} />
      <StorageWarning />
    </FrontPage>
  );
}

/** From the sixth wrong PIN on: how many tries are left, and what would be lost. */
function LossWarning({ stage }: { readonly stage: Locked }): ReactElement | null {
  const { t } = useTranslation("unlock");
  const { vault, unsent } = stage;
  if (vault.triesLeft === undefined || vault.pin !== "set") return null;
  return (
    <Alert color="red" role="alert">
      <Text>{t("triesLeft", { count: vault.triesLeft })}</Text>
      <Text>{unsent === 0 ? t("wouldLoseNone") : t("wouldLose", { count: unsent })}</Text>
    </Alert>
  );
}

function StartOver({ unsent }: { readonly unsent: number }): ReactElement {
  const { t } = useTranslation("unlock");
  const app = usePatientApp();
  const [isAsked, setAsked] = useState(false);
  return (
    <Stack gap="md">
      <Text>{t("destroyedHelp")}</Text>
      <Text>{unsent === 0 ? t("wouldLoseNone") : t("wouldLose", { count: unsent })}</Text>
      {isAsked ? (
        <>
          <Button color="red" onClick={() => void app.wipe()}>
            {t("startOverSure")}
          </Button>
          <Button variant="default" onClick={() => setAsked(false)}>
            {t("cancel")}
          </Button>
        </>
      ) : (
        <Button onClick={() => setAsked(true)}>{t("startOver")}</Button>
      )}
    </Stack>
  );
}

function MonitoringNotice({ until }: { readonly until: number | undefined }): ReactElement | null {
  const { t, i18n } = useTranslation("unlock");
  const app = usePatientApp();
  if (until === undefined) return null;
  const time = new Intl.DateTimeFormat(localeOf(i18n.language), { timeStyle: "short" }).format(
    until,
  );
  return (
    <Alert role="status">
      <Stack gap="xs">
        <Text>{t("monitoring", { time })}</Text>
        <Button variant="default" onClick={() => app.stopMonitoring()}>
          {t("stopMonitoring")}
        </Button>
      </Stack>
    </Alert>
  );
}
