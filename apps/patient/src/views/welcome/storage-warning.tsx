import { Alert, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useObserved, usePatientApp } from "../../app/patient-app-context.ts";
import { isApplePhone } from "../../app/platform.ts";

/** Says plainly what the browser may delete. */
export function StorageWarning(): ReactElement | null {
  const { t } = useTranslation("welcome");
  const isPersisted = useObserved(usePatientApp().isPersisted);
  const isApple = isApplePhone(navigator.userAgent);
  if (isPersisted && !isApple) return null;
  return (
    <Alert color="yellow" className="siphms-warning">
      <Stack gap="xs">
        {isPersisted ? null : <Text size="sm">{t("notPersisted")}</Text>}
        {isApple ? <Text size="sm">{t("iosEviction")}</Text> : null}
      </Stack>
    </Alert>
  );
}
