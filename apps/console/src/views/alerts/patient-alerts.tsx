import { Button, Skeleton, Stack, Text } from "@mantine/core";
import { useContext, useMemo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useStand } from "../../live/use-store.ts";
import { AlertsContext } from "../../live/with-records.tsx";
import { Part } from "../parts/part.tsx";
import "../parts/parts.css";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { AlertList } from "./alert-list.tsx";
import { ofChannel } from "./alert-order.ts";
import { AlertsFailed } from "./alerts-failed.tsx";
import { EarlierAlert } from "./earlier-alert.tsx";
import { useHistory } from "./use-history.ts";

/** Props of {@link PatientAlerts}. */
export interface PatientAlertsProps {
  /** The patient's. */
  readonly id: string;
}

/** One patient's alerts: those that are open, and what was before, with what arrived too late to alert anybody. */
export function PatientAlerts({ id }: PatientAlertsProps): ReactElement {
  return (
    <Stack gap="lg" maw={1100}>
      <OpenNow id={id} />
      <Earlier id={id} />
    </Stack>
  );
}

function OpenNow({ id }: PatientAlertsProps): ReactElement {
  const { t } = useTranslation("alerts");
  const { failed } = useContext(AlertsContext);
  const open = useStand(id)?.open;
  const [clinical, technical] = useMemo(
    () => [ofChannel(open ?? [], "clinical"), ofChannel(open ?? [], "technical")],
    [open],
  );
  return (
    <Part title={t("history.open")}>
      <AlertsFailed />
      {open?.length === 0 && !failed ? <Text>{t("history.noneOpen")}</Text> : null}
      <AlertList alerts={clinical} label={t("channels.clinical")} ofWhom={false} />
      <AlertList alerts={technical} label={t("channels.technical")} ofWhom={false} />
    </Part>
  );
}

function Earlier({ id }: PatientAlertsProps): ReactElement {
  const { t } = useTranslation("alerts");
  const { alerts, loading, error, hasMore, isAsking, more, retry } = useHistory(id);
  return (
    <Part title={t("history.title")}>
      <ProblemAlert error={error} onRetry={retry} />
      {loading ? <Skeleton height={160} className="siphms-late" /> : null}
      {!loading && error === null && alerts.length === 0 ? <Text>{t("history.none")}</Text> : null}
      <ul aria-label={t("history.title")} className="siphms-cards">
        {alerts.map((alert) => (
          <EarlierAlert key={alert.id} alert={alert} />
        ))}
      </ul>
      {hasMore ? (
        <Button variant="default" size="sm" w="fit-content" loading={isAsking} onClick={more}>
          {t("history.more")}
        </Button>
      ) : null}
    </Part>
  );
}
