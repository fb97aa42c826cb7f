import { Stack, Text, Title } from "@mantine/core";
import type { Profile } from "@siphms/messages";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { BackButton } from "../back-button.tsx";
import { useAnswer, useAnswers } from "../parts/answers.ts";
import { Answered } from "../parts/notices.tsx";
import "../parts/readings.css";
import { useFormats } from "../parts/use-formats.ts";
import { MonitoringPanel } from "../today/monitoring-panel.tsx";

/** What the hospital has noted about the patient. */
export function MyInformationView(): ReactElement {
  const { t } = useTranslation("today");
  const { profile } = useAnswers();
  const state = useAnswer(profile);
  return (
    <Stack gap="lg">
      <BackButton />
      <Title order={1} size="h2">
        {t("information.title")}
      </Title>
      <Answered state={state} ask={profile.ask}>
        {(value) => <Facts profile={value} />}
      </Answered>
      <MonitoringPanel />
    </Stack>
  );
}

function Facts({ profile }: { readonly profile: Profile }): ReactElement {
  const { t } = useTranslation("today");
  const formats = useFormats();
  const { lastVisit } = profile;
  const facts = [
    ["patientId", profile.patientId],
    ["name", profile.name],
    ["age", t("information.years", { count: profile.age })],
    ["problem", profile.problem],
    ["doctor", profile.doctor],
    ["lastVisit", lastVisit === undefined ? t("information.noVisit") : formats.date(lastVisit)],
  ] as const;
  return (
    <Stack gap="sm">
      <dl className="siphms-facts siphms-card">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`information.${name}`)}</dt>
            <dd data-testid={`information-${name}`}>
              {value === "" ? t("information.none") : <bdi>{value}</bdi>}
            </dd>
          </div>
        ))}
      </dl>
      <Text size="sm" c="dimmed">
        {t("information.help")}
      </Text>
    </Stack>
  );
}
