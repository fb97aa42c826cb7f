import { Card, Group, Stack, Text } from "@mantine/core";
import type { ApiAlert } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { hospitalNow } from "../../client.ts";
import { formatMoment } from "../../format.ts";
import { usePatient } from "../../live/use-store.ts";
import { AlertStates } from "./alert-card.tsx";
import { AlertCurves } from "./alert-curve.tsx";
import { alertWords } from "./alert-words.ts";
import { LevelBadge } from "./level-badge.tsx";
import { ToldAndSeen } from "./told-and-seen.tsx";

/** Props of {@link EarlierAlert}. */
export interface EarlierAlertProps {
  readonly alert: ApiAlert;
}

/** One alert that is not open: what it was, how it ended, and on demand who was told and the values around it. */
export function EarlierAlert({ alert }: EarlierAlertProps): ReactElement {
  const { t } = useTranslation("alerts");
  const { t: common } = useTranslation();
  const patient = usePatient(alert.patient);
  const [isOpen, setOpen] = useState(false);
  const { what, more } = alertWords(alert.finding, { t, common });
  return (
    <Card withBorder component="li" padding="sm" className="siphms-alert">
      <Stack gap={4}>
        <Group gap="xs">
          <LevelBadge alert={{ ...alert, acknowledged: ENDED }} />
          <Text fw={600}>{what}</Text>
          {alert.late ? (
            <span className="siphms-mark siphms-warning" title={t("lateHelp")}>
              <span aria-hidden="true">▽</span> {t("late")}
            </span>
          ) : null}
        </Group>
        {more === "" ? null : <Text size="sm">{more}</Text>}
        <AlertStates alert={alert} />
        {alert.late ? <Text size="sm">{t("lateHelp")}</Text> : <HowEnded alert={alert} />}
        <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>{t("more")}</summary>
          {isOpen && patient !== undefined ? <AlertCurves alert={alert} patient={patient} /> : null}
          {isOpen ? <ToldAndSeen alert={alert} /> : null}
        </details>
      </Stack>
    </Card>
  );
}

/** Nothing that is past calls for anybody: its badge is never filled. */
const ENDED = { by: "", at: 0 };

function HowEnded({ alert: { acknowledged, resolved } }: EarlierAlertProps): ReactElement | null {
  const { t } = useTranslation("alerts");
  if (resolved === undefined) return null;
  const { by, at, note } = resolved;
  const time = formatMoment(at, hospitalNow());
  const how =
    by !== undefined
      ? t("state.resolvedBy", { name: by, time })
      : t(acknowledged === undefined ? "state.ended" : "state.resolved", { time });
  return (
    <Text size="sm">
      {how}. {note === undefined ? null : <bdi dir="auto">{note}</bdi>}
    </Text>
  );
}
