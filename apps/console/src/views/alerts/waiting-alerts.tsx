import { Badge, Box } from "@mantine/core";
import { useContext, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFromAlerts } from "../../live/use-store.ts";
import { AlertsContext } from "../../live/with-records.tsx";
import { waitingOf } from "./alert-order.ts";

/** How many open alerts nobody looks after yet; nothing where there are none and all are known. */
function useWaiting(): { readonly count: number; readonly isKnown: boolean } | undefined {
  const { failed } = useContext(AlertsContext);
  const count = useFromAlerts((alerts) => waitingOf(alerts).count);
  return count === 0 && !failed ? undefined : { count, isKnown: !failed };
}

/** The link to the alerts, where the rail is behind a menu; only while there is something to say. */
export function WaitingLink(): ReactElement | null {
  const { failed } = useContext(AlertsContext);
  // Not how many: the link is not drawn anew for that.
  const isAny = useFromAlerts((alerts) => waitingOf(alerts).count > 0);
  if (!isAny && !failed) return null;
  return (
    <Box hiddenFrom="md">
      <Link to="/alerts" className="siphms-head-alerts">
        <WaitingAlerts />
      </Link>
    </Box>
  );
}

/** How many open alerts nobody looks after yet, in a link to them; a question mark where that is not known. */
export function WaitingAlerts(): ReactElement | null {
  const { t } = useTranslation("alerts");
  const waiting = useWaiting();
  const isUrgent = useFromAlerts((alerts) => waitingOf(alerts).isPressing);
  if (waiting === undefined) return null;
  const { count, isKnown } = waiting;
  const label = isKnown ? t("unacknowledged", { count }) : t("failed");
  return (
    <Badge
      size="sm"
      variant={isUrgent ? "filled" : "outline"}
      color={isUrgent ? "var(--siphms-high-fill)" : "var(--siphms-medium)"}
      role="img"
      aria-label={isUrgent && isKnown ? `${label}, ${t("levels.urgent")}` : label}
      className="siphms-badge siphms-waiting-alerts"
      data-urgent={isUrgent}
    >
      {isKnown ? count : "?"}
    </Badge>
  );
}
