import { Alert, Skeleton, Stack, Text } from "@mantine/core";
import type { PatientPlan } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { useMemo, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { Gestures } from "../../chart/gestures.ts";
import type { KnownPatient } from "../../live/patient-store.ts";
import { usePatient } from "../../live/use-store.ts";
import { clinicalTime } from "../clinical-time.ts";
import { useNow } from "../live-age.tsx";
import { LimitsNote } from "../plan/limits-note.tsx";
import { usePlan } from "../plan/use-plan.ts";
import { loadPlan, wholePlan } from "./load-plan.ts";
import { useReadings, type ShownReadings } from "./readings.ts";
import { RetryAlert } from "./retry-alert.tsx";
import { TimeBar } from "./time-bar.tsx";
import { panned, presetView, spanOf, zoomed, type TimeSpan, type TimeView } from "./time-view.ts";
import { VitalCard } from "./vital-card.tsx";

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
const HOUR_MS = 3_600_000;

/** A chart of hours need not go on every second. */
function tickOf(view: TimeView): number {
  const length = view.kind === "newest" ? view.spanMs : 24 * HOUR_MS;
  if (length <= HOUR_MS) return 1_000;
  return length <= 6 * HOUR_MS ? 5_000 : 30_000;
}

/** A patient's vital signs over time, live or of any time before. */
export function Vitals({ id }: { readonly id: string }): ReactElement | null {
  const patient = usePatient(id);
  return patient === undefined ? null : <Charts patient={patient} />;
}

function Charts({ patient }: { readonly patient: KnownPatient }): ReactElement {
  const [view, setView] = useState<TimeView>(presetView("6h"));
  const watched = usePlan(patient.id);
  const clinicalNow = clinicalTime(patient, useNow(tickOf(view)));
  const plan =
    view.kind === "all" ? wholePlan(clinicalNow) : loadPlan(spanOf(view, clinicalNow, undefined));
  const readings = useReadings(patient.id, plan);
  const span = spanOf(view, clinicalNow, readings.earliest);
  const gestures = useGestures(span, clinicalNow, setView);
  return (
    <Stack gap="sm">
      <TimeBar
        view={view}
        span={span}
        now={clinicalNow}
        behind={readings.behind}
        gestures={gestures}
        onView={setView}
      />
      <LimitsNote plan={watched} />
      <Notices readings={readings} />
      <Kinds
        patient={patient}
        plan={watched.data}
        readings={readings}
        span={span}
        gestures={gestures}
      />
    </Stack>
  );
}

/** The same functions for as long as the page stands, whatever is shown: a chart would listen anew otherwise. */
function useGestures(
  span: TimeSpan,
  now: number,
  onView: (change: (known: TimeView) => TimeView) => void,
): Gestures {
  return useMemo(
    () => ({
      pan: (share) => onView((known) => panned(spanOfKnown(known, span, now), share, now)),
      zoom: (factor, at) =>
        onView((known) => {
          const shown = spanOfKnown(known, span, now);
          const instant = shown.from + at * (shown.to - shown.from);
          return zoomed(shown, { factor, at: instant }, now);
        }),
      toNewest: () => onView(() => ({ kind: "newest", spanMs: span.to - span.from })),
    }),
    [span.from, span.to, now, onView],
  );
}

/** Of gestures that come faster than the page is drawn each begins where the one before has ended. */
function spanOfKnown(known: TimeView, shown: TimeSpan, now: number): TimeSpan {
  return known.kind === "all" ? shown : spanOf(known, now, undefined);
}

/** What there is to say about the charts as a whole. */
function Notices({ readings }: { readonly readings: ShownReadings }): ReactElement {
  const { t } = useTranslation();
  const { summaries, error } = readings;
  const span = summaries === undefined ? undefined : [...summaries.values()][0]?.span;
  return (
    <>
      {span === undefined ? null : (
        <Text size="sm">{t(span === "day" ? "summaryDay" : "summaryHour")}</Text>
      )}
      {error === null ? null : <RetryAlert error={error} onRetry={readings.retry} />}
    </>
  );
}

function Kinds({
  patient,
  plan,
  readings,
  span,
  gestures,
}: {
  readonly patient: KnownPatient;
  readonly plan: PatientPlan | undefined;
  readonly readings: ShownReadings;
  readonly span: TimeSpan;
  readonly gestures: Gestures;
}): ReactElement {
  const { t } = useTranslation();
  const { kinds: byKind, summaries } = readings;
  const kinds = KIND_ORDER.filter(
    (kind) =>
      (summaries ?? byKind).has(kind) || patient.latest.some((value) => value.kind === kind),
  );
  if (readings.loading) return <Skeleton height={220} className="siphms-late" />;
  if (kinds.length === 0) return <Alert>{t("noReadings")}</Alert>;
  return (
    <div className="siphms-vitals">
      {kinds.map((kind) => (
        <VitalCard
          key={kind}
          kind={kind}
          patient={patient}
          samples={byKind.get(kind)}
          summary={summaries?.get(kind)}
          latest={patient.latest.find((value) => value.kind === kind)}
          plan={plan}
          from={span.from}
          to={span.to}
          gestures={gestures}
        />
      ))}
    </div>
  );
}
