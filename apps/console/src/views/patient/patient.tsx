import {
  Alert,
  Anchor,
  Button,
  Container,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { patientPath, type PatientDetail, type PatientSummary } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { useQuery } from "@tanstack/react-query";
import { useContext, useEffect, useMemo, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ApiError, callApi } from "../../client.ts";
import { formatDate, yearsBetween } from "../../format.ts";
import type { KnownPatient } from "../../live/patient-store.ts";
import { StoreContext, usePatient } from "../../live/use-store.ts";
import { clinicalTime } from "../clinical-time.ts";
import { useNow } from "../live-age.tsx";
import { SourceBadge } from "../marks.tsx";
import { MAX_SHOWN, RANGES, useReadings, type RangeName } from "./readings.ts";
import { VitalCard } from "./vital-card.tsx";

const TICK_MS = 1000;
/** Charts come in the ward's order, not in that of arrival. */
const KIND_ORDER: readonly KindName[] = [
  "heart-rate",
  "blood-pressure",
  "spo2",
  "respiratory-rate",
  "body-temperature",
  "pulse-rate",
  "glucose",
  "body-weight",
  "supplemental-oxygen",
  "consciousness",
  "rr-interval",
];

/** Who this is, always in sight: the one defence against charting for the wrong person. */
function IdentityStrip({
  patient,
  now,
}: {
  readonly patient: PatientSummary;
  readonly now: number;
}): ReactElement {
  const { t } = useTranslation();
  const facts = [
    [
      t("birthDate"),
      `${formatDate(patient.birthDate)} (${t("age", { years: yearsBetween(patient.birthDate, now) })})`,
    ],
    [t("sex"), t(`sex${patient.sex}`)],
    [t("mrn"), patient.mrn],
    [t("problem"), patient.problem || "–"],
    [t("doctor"), patient.doctor ?? "–"],
  ];
  return (
    <div className="siphms-strip">
      <Group justify="space-between">
        <Group gap="md">
          <Title order={1} size="h3">
            {patient.name}
          </Title>
          <SourceBadge patient={patient} />
        </Group>
        <Anchor component={Link} to="/" className="siphms-no-print">
          {t("back")}
        </Anchor>
      </Group>
      <Group gap="lg" component="dl" my={0}>
        {facts.map(([term, description]) => (
          <Group key={term} gap={6}>
            <Text component="dt" size="sm" c="dimmed">
              {term}
            </Text>
            <Text component="dd" size="sm" m={0}>
              {description}
            </Text>
          </Group>
        ))}
      </Group>
    </div>
  );
}

function DeviceList({ detail }: { readonly detail: PatientDetail }): ReactElement {
  const { t } = useTranslation();
  return (
    <Text size="sm" c="dimmed">
      {t("devices")}:{" "}
      {detail.devices
        .map(({ name, state }) => `${name} (${t(`deviceState.${state}`)})`)
        .join(", ") || "–"}
    </Text>
  );
}

function Charts({ patient }: { readonly patient: KnownPatient }): ReactElement {
  const { t } = useTranslation();
  const now = useNow(TICK_MS);
  const [range, setRange] = useState<RangeName>("6h");
  const clinicalNow = clinicalTime(patient, now);
  // The span's end stays where it was when the span was chosen, so that one answer serves; live samples come on top.
  const [end, setEnd] = useState(clinicalNow);
  const readings = useReadings(patient.id, range, end);
  const span = RANGES[range];
  const window = useMemo(
    () => (span === undefined ? undefined : { from: clinicalNow - span, to: clinicalNow }),
    [span, clinicalNow],
  );
  const { byKind, summaries } = readings;
  const kinds = KIND_ORDER.filter((kind) => (summaries ?? byKind).has(kind));
  const choose = (name: string): void => {
    setRange(name as RangeName);
    setEnd(clinicalNow);
  };
  return (
    <Stack gap="sm">
      <SegmentedControl
        className="siphms-no-print"
        aria-label={t("range")}
        value={range}
        onChange={choose}
        data={Object.keys(RANGES).map((name) => ({ value: name, label: t(`range${name}`) }))}
      />
      {readings.truncated ? <Text size="sm">{t("truncated", { count: MAX_SHOWN })}</Text> : null}
      {summaries === undefined ? null : (
        <Text size="sm">{t(range === "All" ? "summaryDay" : "summaryHour")}</Text>
      )}
      {readings.error !== null ? <Alert role="alert">{t("error.network")}</Alert> : null}
      {readings.loading ? <Skeleton height={220} /> : null}
      {!readings.loading && kinds.length === 0 ? <Alert>{t("noReadings")}</Alert> : null}
      <div className="siphms-vitals">
        {kinds.map((kind) => (
          <VitalCard
            key={kind}
            kind={kind}
            samples={byKind.get(kind) ?? []}
            summary={summaries?.get(kind)}
            latest={patient.latest.find((value) => value.kind === kind)}
            clinicalNow={clinicalNow}
            {...(window === undefined ? {} : { window })}
          />
        ))}
      </div>
    </Stack>
  );
}

/** One patient: identity on top, then every vital sign with its curve, live. */
export function Patient(): ReactElement {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const store = useContext(StoreContext);
  const detail = useQuery({
    queryKey: ["patient", id],
    queryFn: ({ signal }) => callApi<PatientDetail>(patientPath(id), { signal }),
  });
  const { data, error } = detail;
  useEffect(() => {
    if (data === undefined) return;
    store.replace(data);
  }, [data, store]);
  const patient = usePatient(id);

  if (error instanceof ApiError) {
    return (
      <Container size="sm">
        <Alert role="alert">
          {error.status === 404 ? t("error.notFound") : t("error.network")}
          <Group mt="sm">
            <Button variant="default" onClick={() => void detail.refetch()}>
              {t("error.retry")}
            </Button>
            <Anchor component={Link} to="/">
              {t("back")}
            </Anchor>
          </Group>
        </Alert>
      </Container>
    );
  }
  if (patient === undefined || data === undefined) return <Skeleton height={320} />;
  return (
    <Stack gap="sm">
      <IdentityStrip patient={patient} now={Date.now()} />
      <DeviceList detail={data} />
      <Charts key={id} patient={patient} />
    </Stack>
  );
}
