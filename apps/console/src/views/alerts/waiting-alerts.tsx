import { Badge } from "@mantine/core";
import { useContext, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useFromAlerts } from "../../live/use-store.ts";
import { AlertsContext } from "../../live/with-records.tsx";
import { isPressing, isUnacknowledged } from "./alert-order.ts";

/** How many open alerts nobody looks after yet, beside the link to them; a question mark where that is not known. */
export function WaitingAlerts(): ReactElement | null {
  const { t } = useTranslation("alerts");
  const { failed } = useContext(AlertsContext);
  const count = useFromAlerts((alerts) => alerts.filter(isUnacknowledged).length);
  const isUrgent = useFromAlerts((alerts) => alerts.some(isPressing));
  if (count === 0 && !failed) return null;
  const label = failed ? t("failed") : t("unacknowledged", { count });
  return (
    <Badge
      size="sm"
      variant={isUrgent ? "filled" : "outline"}
      color={isUrgent ? "var(--siphms-high-fill)" : "var(--siphms-medium)"}
      role="img"
      aria-label={isUrgent && !failed ? `${label}, ${t("levels.urgent")}` : label}
      className="siphms-badge siphms-waiting-alerts"
      data-urgent={isUrgent}
    >
      {failed ? "?" : count}
    </Badge>
  );
}
