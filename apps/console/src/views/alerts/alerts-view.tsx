import { Alert, Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ApiAlert } from "@siphms/api";
import { useContext, useMemo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useConnection, useOpenAlerts } from "../../live/use-store.ts";
import { AlertsContext, ListContext } from "../../live/with-records.tsx";
import { useAlarm } from "../../sound/alarm-context.ts";
import { Part } from "../parts/part.tsx";
import "../parts/parts.css";
import { AlertList } from "./alert-list.tsx";
import { isUnacknowledged, ofChannel } from "./alert-order.ts";
import { AlertsFailed } from "./alerts-failed.tsx";

const CHANNELS: readonly ApiAlert["channel"][] = ["clinical", "technical"];

/** All open alerts of the patients in this person's sight, kept live: those of patients, and apart from them those of devices. */
export function AlertsView(): ReactElement {
  const { t } = useTranslation("alerts");
  const alerts = useOpenAlerts();
  const { loading, failed } = useContext(AlertsContext);
  const connection = useConnection();
  const waiting = alerts.filter(isUnacknowledged).length;
  // That there are none is only said where all are known.
  const isEmpty = !loading && !failed && connection !== "lost" && alerts.length === 0;
  return (
    <Stack gap="md" maw={1100}>
      <div>
        <Title order={1} size="h2">
          {t("title")}
        </Title>
        <Text size="sm" c="dimmed" role="status">
          {loading || alerts.length === 0 ? "" : t("openCount", { count: alerts.length, waiting })}
        </Text>
      </div>
      <Text>{t("intro")}</Text>
      <AlertsFailed />
      <PatientsFailed />
      {loading ? <Skeleton height={240} className="siphms-late" /> : null}
      {isEmpty ? (
        <Alert>
          <b>{t("none")}</b> {t("noneHelp")}
        </Alert>
      ) : null}
      {CHANNELS.map((channel) => (
        <ChannelPart key={channel} channel={channel} alerts={alerts} />
      ))}
      <SoundPart />
      <Origins />
    </Stack>
  );
}

/** Says that nobody's name is known, and how to go on. */
function PatientsFailed(): ReactElement | null {
  const { t } = useTranslation("alerts");
  const { t: common } = useTranslation();
  const { failed, retry } = useContext(ListContext);
  if (!failed) return null;
  return (
    <Alert role="alert" variant="outline" color="var(--siphms-technical)">
      {t("noPatients")}{" "}
      <Button variant="default" size="sm" onClick={retry}>
        {common("error.retry")}
      </Button>
    </Alert>
  );
}

interface ChannelPartProps {
  readonly channel: ApiAlert["channel"];
  readonly alerts: readonly ApiAlert[];
}

function ChannelPart({ channel, alerts }: ChannelPartProps): ReactElement {
  const { t } = useTranslation("alerts");
  const own = useMemo(() => ofChannel(alerts, channel), [alerts, channel]);
  return (
    <Part title={t(`channels.${channel}`)}>
      <Text size="sm" c="dimmed">
        {t(`channelHelp.${channel}`)}
      </Text>
      {own.length === 0 && alerts.length > 0 ? <Text>{t("noneOf")}</Text> : null}
      <AlertList alerts={own} label={t(`channels.${channel}`)} ofWhom />
    </Part>
  );
}

/** What the tones mean, to be heard before they matter. */
function SoundPart(): ReactElement | null {
  const { t } = useTranslation("alerts");
  const sound = useAlarm();
  if (sound === undefined) return null;
  const { alarm, state } = sound;
  return (
    <div className="siphms-alert-sound siphms-no-print">
      <Text size="sm">{t("sound.about")}</Text>
      {(["urgent", "warn"] as const).map((level) => (
        <Button
          key={level}
          size="sm"
          variant="default"
          disabled={state !== "on"}
          onClick={() => alarm.ring(level)}
        >
          {t(level === "urgent" ? "sound.tryUrgent" : "sound.tryWarn")}
        </Button>
      ))}
    </div>
  );
}

/** What this page is not, and where its score is from. */
function Origins(): ReactElement {
  const { t } = useTranslation("alerts");
  return (
    <div>
      <Text size="sm">{t("notADevice")}</Text>
      <Text size="sm" c="dimmed">
        <bdi lang="en">{t("news2Origin")}</bdi> {t("news2For")}
      </Text>
    </div>
  );
}
