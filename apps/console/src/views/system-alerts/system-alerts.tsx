import { Button, Card, Group, Stack, Text } from "@mantine/core";
import type { SystemAlert } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { Fact, Facts } from "../parts/fact.tsx";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { faultWords, reasonWords } from "./system-alert-words.ts";
import { useAcknowledge, useSystemAlerts } from "./use-system-alerts.ts";

/** Faults of the hospital that somebody must mend: what, why, since when, how often. */
export function SystemAlerts(): ReactElement {
  const { t } = useTranslation("notify");
  const alerts = useSystemAlerts();
  const acknowledge = useAcknowledge();
  const open = alerts.data?.alerts ?? [];
  return (
    <Part title={t("system.title")}>
      <ProblemAlert error={alerts.error} onRetry={() => void alerts.refetch()} />
      <Text size="sm" role="status">
        {alerts.data === undefined ? "" : open.length === 0 ? t("system.none") : t("system.intro")}
      </Text>
      <ProblemAlert error={acknowledge.error} />
      <ul className="siphms-cards">
        {open.map((alert) => (
          <One
            key={alert.id}
            alert={alert}
            isBusy={acknowledge.isPending && acknowledge.variables === alert.id}
            onAcknowledge={() => acknowledge.mutate(alert.id)}
          />
        ))}
      </ul>
    </Part>
  );
}

interface OneProps {
  readonly alert: SystemAlert;
  readonly isBusy: boolean;
  readonly onAcknowledge: () => void;
}

function One({ alert, isBusy, onAcknowledge }: OneProps): ReactElement {
  const { t } = useTranslation("notify");
  const what = faultWords(t, alert);
  return (
    <Card withBorder component="li" data-testid="system-alert">
      <Stack gap="xs">
        <Text fw={600} className="siphms-lost">
          <span aria-hidden="true">✕</span> {what}
        </Text>
        <Text size="sm">{reasonWords(t, alert)}</Text>
        <Facts>
          <Fact term={t("system.first")}>{formatInstant(alert.first)}</Fact>
          <Fact term={t("system.last")}>{formatInstant(alert.last)}</Fact>
          <Fact term={t("system.times")}>{alert.count}</Fact>
        </Facts>
        <Group gap="xs">
          <Button
            variant="default"
            loading={isBusy}
            aria-label={t("system.acknowledgeOf", { what })}
            onClick={onAcknowledge}
          >
            {t("system.acknowledge")}
          </Button>
          <Text size="sm" c="dimmed">
            {t("system.acknowledgeHelp")}
          </Text>
        </Group>
      </Stack>
    </Card>
  );
}
