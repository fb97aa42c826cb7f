import { Badge } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useSystemAlerts } from "./use-system-alerts.ts";

/** How many system alerts are open, beside the link to them; a question mark where that is not known. */
export function SystemAlertsBadge(): ReactElement | null {
  const { t } = useTranslation("notify");
  const { data, isError } = useSystemAlerts();
  const count = data?.alerts.length ?? 0;
  if (count === 0 && !isError) return null;
  return (
    <Badge
      size="sm"
      variant="outline"
      color="var(--siphms-technical)"
      role="img"
      aria-label={isError ? t("system.unknown") : t("system.open", { count })}
      className="siphms-badge"
    >
      {isError ? "?" : count}
    </Badge>
  );
}
