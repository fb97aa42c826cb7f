import { Card, Group, Text, Title, UnstyledButton } from "@mantine/core";
import type { ApiSample, LatestValue, PatientPlan } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { plotData, type Mark } from "@siphms/web-kit";
import { memo, useId, useMemo, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { Gestures } from "../../chart/gestures.ts";
import { markOf } from "../../chart/mark-of.ts";
import {
  summaryBars,
  summaryPlotData,
  valuesIn,
  type ShownSummary,
} from "../../chart/summary-data.ts";
import { VitalChart } from "../../chart/vital-chart.tsx";
import { formatValue } from "../../format.ts";
import type { KnownPatient } from "../../live/patient-store.ts";
import { useStand } from "../../live/use-store.ts";
import { valueLevel } from "../alerts/alert-order.ts";
import { Age } from "../live-age.tsx";
import { LateMark, OriginMark, QuarantineMark, ReleasedMark } from "../marks.tsx";
import { useStale } from "../use-stale.ts";
import { LimitMark } from "../worklist/need-badge.tsx";
import { BarTable, ValueTable } from "./chart-tables.tsx";
import { chartLimits, chartLimitsText } from "../plan/chart-limits.ts";
import { LIMITS_NOTE_ID } from "../plan/limits-note.tsx";
import { usePlanWords } from "../plan/plan-words.ts";
import { usePrinting } from "./use-printing.ts";

/** The newest good value, large, with its unit, origin and age; faded once it is too old to look live. */
function Newest({
  kind,
  latest,
  patient,
}: Pick<VitalCardProps, "kind" | "latest" | "patient">): ReactElement {
  const { t } = useTranslation();
  const { t: words } = useTranslation("worklist");
  const stale = useStale(latest, patient);
  const level = valueLevel(useStand(patient.id), kind);
  if (latest === undefined) return <Text c="dimmed">{t("noValue")}</Text>;
  return (
    <div className={`siphms-newest${stale ? " siphms-stale" : ""}`}>
      <span
        className={`siphms-value-big siphms-level-${level}`}
        dir="ltr"
        data-testid={`latest-${kind}`}
      >
        <LimitMark level={level} words={words} /> {formatValue(latest.value)}{" "}
        <span className="siphms-unit">{latest.unit}</span>
      </span>
      <Group gap={6} justify="end">
        {latest.released === true ? <ReleasedMark /> : null}
        {latest.late ? <LateMark /> : null}
        <OriginMark origin={latest.origin} />
        <Age at={latest.at} of={patient} />
      </Group>
    </div>
  );
}

/** The shapes of a chart with their words and how many there are of each. */
function Legend({ counts }: { readonly counts: ReadonlyMap<Mark, number> }): ReactElement {
  return (
    <Group gap={8} mih="1.4rem">
      {(counts.get("quarantined") ?? 0) > 0 ? (
        <QuarantineMark count={counts.get("quarantined") ?? 0} />
      ) : null}
      {counts.has("released") ? <ReleasedMark /> : null}
      {counts.has("late") ? <LateMark /> : null}
      {counts.has("typed") ? <OriginMark origin="typed" /> : null}
      {counts.has("imported") ? <OriginMark origin="imported" /> : null}
    </Group>
  );
}

interface Counted {
  readonly count: number;
  readonly marks: ReadonlyMap<Mark, number>;
}

/** How many values a chart stands for in the time shown, and what there is to say of them. */
function countShown(samples: readonly ApiSample[], summary: ShownSummary | undefined): Counted {
  const marks = new Map<Mark, number>();
  if (summary === undefined) {
    for (const sample of samples) {
      const mark = markOf(sample);
      if (mark !== undefined) marks.set(mark, (marks.get(mark) ?? 0) + 1);
    }
    return { count: samples.length, marks };
  }
  const held = summaryBars(summary).reduce((sum, { quarantined }) => sum + quarantined, 0);
  if (held > 0) marks.set("quarantined", held);
  const late = summary.series.some((one) => one.late.some((count) => count > 0));
  if (late) marks.set("late", 1);
  return { count: valuesIn(summary.series), marks };
}

/** Props of {@link VitalCard}. */
export interface VitalCardProps {
  readonly kind: KindName;
  readonly patient: KnownPatient;
  /** In order of time; all that is known, of which the time shown is a part. */
  readonly samples: readonly ApiSample[] | undefined;
  /** Shown in place of the samples. */
  readonly summary: ShownSummary | undefined;
  readonly latest: LatestValue | undefined;
  /** Whose limits are drawn; none while it is not known. */
  readonly plan: PatientPlan | undefined;
  /** The time shown, ms. */
  readonly from: number;
  readonly to: number;
  readonly gestures: Gestures;
}

const NO_SAMPLES: readonly ApiSample[] = [];

/** One vital sign: the newest value with unit and age, its curve, and the same values as a table. */
export const VitalCard = memo(function VitalCard(props: VitalCardProps): ReactElement {
  const { kind, patient, samples = NO_SAMPLES, summary, latest, plan, from, to, gestures } = props;
  const { t } = useTranslation();
  const name = t(`kind.${kind}`);
  const data = useMemo(
    () =>
      summary === undefined
        ? plotData(
            samples.map((sample) => ({
              at: sample.at,
              value: sample.value,
              mark: markOf(sample),
            })),
          )
        : summaryPlotData(summary),
    [samples, summary],
  );
  const shown = useMemo(
    () => samples.filter(({ at }) => at >= from && at <= to),
    [samples, from, to],
  );
  const { count, marks } = useMemo(() => countShown(shown, summary), [shown, summary]);
  const unit = latest?.unit ?? samples[0]?.unit ?? summary?.series[0]?.unit ?? "";
  const words = usePlanWords();
  const limits = useMemo(() => chartLimits(plan, kind), [plan, kind]);
  const limitsId = useId();
  const value = latest === undefined ? "–" : formatValue(latest.value);
  return (
    <Card withBorder padding="sm" component="section" aria-label={name} className="siphms-vital">
      <Group justify="space-between" align="start" wrap="nowrap">
        <div>
          <Title order={2} size="h5">
            {name}{" "}
            <span className="siphms-unit" dir="ltr">
              {unit}
            </span>
          </Title>
          <Legend counts={marks} />
        </div>
        <Newest kind={kind} latest={latest} patient={patient} />
      </Group>
      <VitalChart
        kind={kind}
        unit={unit}
        label={t("chartOf", { kind: name, count, value, unit })}
        describedBy={`${limitsId} ${LIMITS_NOTE_ID}`}
        data={data}
        limits={limits}
        isSummary={summary !== undefined}
        from={from}
        to={to}
        gestures={gestures}
      />
      <Text id={limitsId} size="xs" c="dimmed">
        {chartLimitsText(plan, kind, words)}
      </Text>
      <CardTable patient={patient.id} name={name} samples={shown} summary={summary} />
    </Card>
  );
});

/** The table beside a chart: of what the chart shows, when it is asked for, and on paper. */
function CardTable({
  patient,
  name,
  samples,
  summary,
}: {
  readonly patient: string;
  readonly name: string;
  readonly samples: readonly ApiSample[];
  readonly summary: ShownSummary | undefined;
}): ReactElement {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const isPrinting = usePrinting();
  const id = useId();
  const label = `${name}: ${t("table")}`;
  return (
    <>
      <UnstyledButton
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        aria-controls={id}
        fz="sm"
        c="var(--siphms-pending)"
        className="siphms-no-print"
        py={6}
      >
        {open ? "▾" : "▸"} {t("table")}
      </UnstyledButton>
      <div id={id}>
        {!open && !isPrinting ? null : summary === undefined ? (
          <ValueTable patient={patient} samples={samples} label={label} />
        ) : (
          <BarTable summary={summary} label={label} />
        )}
      </div>
    </>
  );
}
