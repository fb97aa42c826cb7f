import { Alert, Text } from "@mantine/core";
import type { DeviceStatus } from "@siphms/device";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

/**
 * Where the hospital refuses this phone again and again. It is no proof: whoever sits in between can forge a refusal, so
 * nothing is erased by itself, and only the hospital can tell the patient.
 */
export function RefusedNotice({ status }: { readonly status: DeviceStatus }): ReactElement | null {
  const { t } = useTranslation("safety");
  const isRefused = status.needsAttention && status.lastError?.code === "HANDSHAKE_REFUSED";
  if (!isRefused) return null;
  return (
    <Alert role="alert" title={t("refusedTitle")} color="red">
      <Text>{t("refusedHelp")}</Text>
    </Alert>
  );
}
