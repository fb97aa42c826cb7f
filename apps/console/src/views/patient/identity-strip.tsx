import { Anchor, Group, Text, Title } from "@mantine/core";
import { useCallback, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatDate, formatTime, yearsBetween } from "../../format.ts";
import type { KnownPatient } from "../../live/patient-store.ts";
import { useTicked } from "../../live/ticker.ts";
import { SourceBadge } from "../marks.tsx";

const MINUTE_MS = 60_000;

/** Who this is, always in sight and on every printed sheet: the one defence against charting for the wrong person. */
export function IdentityStrip({ patient }: { readonly patient: KnownPatient }): ReactElement {
  const { t } = useTranslation();
  const years = useTicked(
    useCallback((now: number) => yearsBetween(patient.birthDate, now), [patient.birthDate]),
  );
  const facts = [
    [t("birthDate"), `${formatDate(patient.birthDate)} (${t("age", { years })})`],
    [t("sex"), t(`sex${patient.sex}`)],
    [t("mrn"), patient.mrn],
    [t("problem"), patient.problem || "–"],
    [t("doctor"), patient.doctor ?? "–"],
  ] as const;
  return (
    <div className="siphms-strip">
      <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
        <Group gap="sm">
          <Title order={1} size="h3" className="siphms-strip-name">
            {patient.name}
          </Title>
          <SourceBadge patient={patient} />
        </Group>
        <Anchor component={Link} to="/" size="sm" className="siphms-no-print siphms-strip-back">
          {t("back")}
        </Anchor>
      </Group>
      <dl className="siphms-strip-facts">
        {facts.map(([term, description]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
      <EmergencyAccess until={patient.breakGlassUntil} />
    </div>
  );
}

/** That this record is open in an emergency only: until when, and that somebody will ask why. */
function EmergencyAccess({ until }: { readonly until: number | undefined }): ReactElement | null {
  const { t } = useTranslation("record");
  const minutes = useTicked(
    useCallback(
      (now: number) => (until === undefined ? undefined : Math.ceil((until - now) / MINUTE_MS)),
      [until],
    ),
  );
  if (until === undefined || minutes === undefined) return null;
  const time = formatTime(until);
  return (
    <Text size="sm" className="siphms-strip-emergency" role="status">
      <span aria-hidden="true">⚠</span>{" "}
      {minutes > 0 ? t("breakGlass", { count: minutes, time }) : t("breakGlassOver", { time })}
    </Text>
  );
}
