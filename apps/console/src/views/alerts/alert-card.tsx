import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import type { ApiAlert } from "@siphms/api";
import { memo, useRef, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatList, formatMoment, yearsBetween } from "../../format.ts";
import type { KnownPatient } from "../../live/patient-store.ts";
import { usePatient } from "../../live/use-store.ts";
import { hospitalNow } from "../../client.ts";
import { Age } from "../live-age.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { AlertCurves } from "./alert-curve.tsx";
import { alertWords } from "./alert-words.ts";
import { LevelBadge } from "./level-badge.tsx";
import { ToldAndSeen } from "./told-and-seen.tsx";
import { useAcknowledge } from "./use-alert-acts.ts";
import { useInSight } from "./use-in-sight.ts";

/** Props of {@link AlertCard}. */
export interface AlertCardProps {
  readonly alert: ApiAlert;
  /** Whether it says whose it is: not on the patient's own page. */
  readonly ofWhom: boolean;
  /** Somebody wants to resolve it. @param what - What it is about, in words. */
  readonly onResolve: (alert: ApiAlert, what: string) => void;
}

/** One open alert: what it is and since when, who looks after it, the values drawn, who was told, and what to do. */
export const AlertCard = memo(function AlertCard(props: AlertCardProps): ReactElement {
  const { alert, ofWhom } = props;
  const { t } = useTranslation("alerts");
  const { t: common } = useTranslation();
  const patient = usePatient(alert.patient);
  const frame = useRef<HTMLLIElement>(null);
  const isInSight = useInSight(frame);
  const { what, more } = alertWords(alert.finding, { t, common });
  return (
    <Card
      withBorder
      component="li"
      padding="sm"
      ref={frame}
      className="siphms-alert"
      data-channel={alert.channel}
      data-level={alert.level}
    >
      <Stack gap="xs">
        <div data-alert={alert.id}>
          <Group gap="xs">
            <LevelBadge alert={alert} />
            <Text size="sm" component="span">
              {t("raised")} <Age at={alert.raised} stepMs={5_000} />
            </Text>
          </Group>
          {ofWhom ? <Who patient={patient} /> : null}
          <Title order={3} size="h5" className="siphms-alert-what">
            {what}
          </Title>
        </div>
        {more === "" ? null : <Text size="sm">{more}</Text>}
        <AlertStates alert={alert} />
        {/* What is far down a long list loads nothing: every look is on record. */}
        {patient === undefined || !isInSight ? null : (
          <AlertCurves alert={alert} patient={patient} />
        )}
        <ToldAndSeen alert={alert} />
        <Acts {...props} what={what} patient={patient} />
      </Stack>
    </Card>
  );
});

function Who({ patient }: { readonly patient: KnownPatient | undefined }): ReactElement {
  const { t } = useTranslation();
  const { t: words } = useTranslation("alerts");
  if (patient === undefined) return <Text size="sm">{words("noPatient")}</Text>;
  const years = yearsBetween(patient.birthDate, hospitalNow());
  return (
    <Text size="sm">
      <bdi className="siphms-alert-who">{patient.name}</bdi> · {t("age", { years })} ·{" "}
      {t(`sex${patient.sex}`)} · <bdi>{patient.mrn}</bdi>
    </Text>
  );
}

/** Where an alert stands: when it was measured, whether somebody looks after it, whether it is so still, how it ended. */
export function AlertStates({ alert }: Pick<AlertCardProps, "alert">): ReactElement {
  const { t } = useTranslation("alerts");
  const { at, acknowledged, channel, over, resolved } = alert;
  const said = [
    // Of what is missing or silent nothing was measured then.
    ...(channel === "technical" ? [] : [t("measured", { time: formatMoment(at, hospitalNow()) })]),
    ...(acknowledged === undefined
      ? []
      : [
          t("state.acknowledged", {
            name: acknowledged.by,
            time: formatMoment(acknowledged.at, hospitalNow()),
          }),
        ]),
    ...(over === undefined ? [] : [t("state.over", { time: formatMoment(over, hospitalNow()) })]),
  ];
  const isWaiting = acknowledged === undefined && resolved === undefined && !alert.late;
  return (
    <Text size="sm" component="p" m={0}>
      {isWaiting ? <b className="siphms-alert-waiting">{t("state.waiting")}. </b> : null}
      {said.map((text) => `${text}. `)}
    </Text>
  );
}

interface ActsProps extends AlertCardProps {
  readonly what: string;
  readonly patient: KnownPatient | undefined;
}

function Acts({ alert, what, patient, ofWhom, onResolve }: ActsProps): ReactElement {
  const { t } = useTranslation("alerts");
  const acknowledge = useAcknowledge(alert);
  const next = useRef<HTMLButtonElement>(null);
  const name = patient?.name ?? "";
  const about = { what: ofWhom ? formatList([what, name]) : what };
  return (
    <>
      <ProblemAlert
        error={acknowledge.error}
        words={{ conflict: t("gone"), "not-found": t("gone") }}
      />
      <Group gap="xs" className="siphms-no-print">
        {alert.acknowledged === undefined ? (
          <Button
            size="sm"
            loading={acknowledge.isPending}
            // The button goes with it: the focus goes on to the next one.
            onClick={() =>
              acknowledge.mutate(undefined, { onSuccess: () => next.current?.focus() })
            }
            aria-label={t("acknowledgeOf", about)}
            title={t("acknowledgeMeans")}
          >
            {t("acknowledge")}
          </Button>
        ) : null}
        <Button
          ref={next}
          size="sm"
          variant="default"
          onClick={() => onResolve(alert, what)}
          aria-label={t("resolveOf", about)}
        >
          {t("resolve")}
        </Button>
        {ofWhom ? (
          <Button
            size="sm"
            variant="default"
            component={Link}
            to={`/patients/${encodeURIComponent(alert.patient)}`}
            aria-label={t("openPatientOf", { patient: name })}
          >
            {t("openPatient")}
          </Button>
        ) : null}
      </Group>
    </>
  );
}
