import { Alert, Button, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useNavigation } from "../../app/navigation.ts";

/** On every screen but the one that tells all of it: the hospital's log contradicts itself. */
export function LogAlarmBanner(): ReactElement | null {
  const { t } = useTranslation("frame");
  const { auditAlarm } = useDeviceStatus();
  const { place, go } = useNavigation();
  if (auditAlarm === undefined || place === "security") return null;
  return (
    <Alert role="alert" color="red" m="md" mb={0} icon={<span aria-hidden="true">■</span>}>
      <Stack gap="xs" align="flex-start">
        <Text fw={600}>{t("logAlarm.title")}</Text>
        <Button variant="default" onClick={() => go("security")}>
          {t("logAlarm.more")}
        </Button>
      </Stack>
    </Alert>
  );
}
