import { Card, Stack, Text } from "@mantine/core";
import type { CurrentEscalation, EscalationPeople } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatDuration, formatInstant } from "../../format.ts";

const MINUTE_MS = 60_000;

/** Props of {@link EscalationSteps}. */
export interface EscalationStepsProps {
  readonly escalation: CurrentEscalation;
  /** Who can be told now. */
  readonly people: EscalationPeople["people"];
}

/** The steps in their order, who set them and why. */
export function EscalationSteps({ escalation, people }: EscalationStepsProps): ReactElement {
  const { t } = useTranslation("notify");
  const { steps, setBy, setAt, reason } = escalation;
  const able = new Set(people.map(({ name }) => name));
  return (
    <Stack gap="sm">
      <ol className="siphms-cards">
        {steps.map((step, index) => (
          <Card withBorder component="li" key={index} data-testid="escalation-step">
            <Text fw={600}>{t("escalation.step", { number: index + 1 })}</Text>
            <Text size="sm">
              {t("escalation.after", {
                urgent: formatDuration(step.urgentAfterMinutes * MINUTE_MS),
                warn: formatDuration(step.warnAfterMinutes * MINUTE_MS),
              })}
            </Text>
            <ul>
              {step.to.map((name) => (
                <li key={name}>
                  <bdi>{able.has(name) ? name : t("escalation.gone", { name })}</bdi>
                </li>
              ))}
            </ul>
          </Card>
        ))}
      </ol>
      {steps.length === 0 ? null : <Text size="sm">{t("escalation.last")}</Text>}
      {setBy === undefined || setAt === undefined ? null : (
        <Text size="sm" c="dimmed">
          {t("escalation.set", { name: setBy, when: formatInstant(setAt) })}
          <br />
          {t("escalation.reason")}: <bdi>{reason}</bdi>
        </Text>
      )}
    </Stack>
  );
}
