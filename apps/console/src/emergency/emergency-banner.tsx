import { Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../format.ts";
import { useEmergency } from "./emergency.ts";
import "./emergency.css";

/** What emergency mode is, how old the copy is, and what cannot be done; nothing where the hospital itself is there. */
export function EmergencyBanner(): ReactElement | null {
  const { t } = useTranslation("emergency");
  const emergency = useEmergency();
  if (emergency === undefined) return null;
  const { since, copyAsOf } = emergency;
  return (
    <aside className="siphms-emergency" role="status">
      <Text fw={700}>{t("title")}</Text>
      <Text size="sm">
        {t("away", { since: formatInstant(since) })}{" "}
        {copyAsOf === undefined ? t("copyUnknown") : t("copy", { asOf: formatInstant(copyAsOf) })}
      </Text>
      <Text size="sm">{t("cannot")}</Text>
    </aside>
  );
}
