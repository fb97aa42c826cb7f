import { Card, Group, Stack, Table, Text, Title, UnstyledButton } from "@mantine/core";
import type { ApiSample, LatestValue } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { useMemo, useState, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { summaryBars, valuesIn, type ShownSummary } from "../../chart/summary-data.ts";
import { VitalChart } from "../../chart/vital-chart.tsx";
import { formatInstant, formatValue, quarantineReason } from "../../format.ts";
import { Age } from "../live-age.tsx";
import { LateMark, OriginMark, QuarantineMark } from "../marks.tsx";

/** Rows of the table beside a chart: the newest; the chart shows all. */
const MAX_ROWS = 200;

/** A table beside a chart, in a frame that scrolls. */
function ChartTable({
  label,
  columns,
  children,
}: {
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="siphms-table-scroll" tabIndex={0} role="region" aria-label={label}>
      <Table fz="sm" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </div>
  );
}

/** The values of one chart as a table, newest first, for reading exactly and for screen readers. */
function ValueTable({
  samples,
  label,
}: {
  readonly samples: readonly ApiSample[];
  readonly label: string;
}): ReactElement {
  const { t } = useTranslation();
  return (
    <ChartTable label={label} columns={[t("time"), t("value"), t("from"), t("state")]}>
      {samples
        .slice(-MAX_ROWS)
        .reverse()
        .map((sample, index) => (
          <Table.Tr key={`${sample.messageId} ${sample.at} ${index}`}>
            <Table.Td>{formatInstant(sample.at)}</Table.Td>
            <Table.Td dir="ltr">
              {formatValue(sample.value)} {sample.unit}
            </Table.Td>
            <Table.Td>{t(sample.origin)}</Table.Td>
            <Table.Td>
              {t(sample.state)}
              {sample.reason === undefined ? null : `: ${quarantineReason(t, sample.reason)}`}
            </Table.Td>
          </Table.Tr>
        ))}
    </ChartTable>
  );
}

/** The bars of one chart as a table, newest first. */
function BarTable({
  summary,
  label,
}: {
  readonly summary: ShownSummary;
  readonly label: string;
}): ReactElement {
  const { t } = useTranslation();
  const show = (value: number | null): string => (value === null ? "–" : formatValue(value));
  return (
    <ChartTable
      label={label}
      columns={[t("time"), t("lowest"), t("mean"), t("highest"), t("values")]}
    >
      {summaryBars(summary)
        .slice(-MAX_ROWS)
        .reverse()
        .map(({ start, low, mean, high, count }) => (
          <Table.Tr key={start}>
            <Table.Td>{formatInstant(start)}</Table.Td>
            <Table.Td dir="ltr">{show(low)}</Table.Td>
            <Table.Td dir="ltr">{show(mean)}</Table.Td>
            <Table.Td dir="ltr">{show(high)}</Table.Td>
            <Table.Td dir="ltr">{formatValue(count)}</Table.Td>
          </Table.Tr>
        ))}
    </ChartTable>
  );
}

/** The newest good value, large, with its unit, origin and age. */
function Newest({
  kind,
  latest,
  clinicalNow,
}: Pick<VitalCardProps, "kind" | "latest" | "clinicalNow">): ReactElement {
  const { t } = useTranslation();
  if (latest === undefined) return <Text c="dimmed">{t("noValue")}</Text>;
  return (
    <Stack gap={0} align="end">
      <span className="siphms-value-big" dir="ltr" data-testid={`latest-${kind}`}>
        {formatValue(latest.value)} <span className="siphms-unit">{latest.unit}</span>
      </span>
      <Group gap={6}>
        <OriginMark origin={latest.origin} />
        <Age at={latest.at} />
      </Group>
    </Stack>
  );
}

/** The table beside a chart: of what the chart shows. */
function CardTable({
  samples,
  summary,
  label,
}: Pick<VitalCardProps, "samples" | "summary"> & { readonly label: string }): ReactElement {
  if (summary !== undefined) return <BarTable summary={summary} label={label} />;
  return <ValueTable samples={samples} label={label} />;
}

/** How many values a chart stands for, and how many of them are in quarantine. */
function countShown(samples: readonly ApiSample[], summary: ShownSummary | undefined) {
  if (summary === undefined) {
    const held = samples.filter(({ state }) => state === "quarantined").length;
    return { count: samples.length, held };
  }
  const held = summaryBars(summary).reduce((sum, { quarantined }) => sum + quarantined, 0);
  return { count: valuesIn(summary.series), held };
}

/** Props of {@link VitalCard}. */
export interface VitalCardProps {
  readonly kind: KindName;
  readonly samples: readonly ApiSample[];
  /** Shown in place of the samples. */
  readonly summary?: ShownSummary | undefined;
  readonly latest: LatestValue | undefined;
  readonly clinicalNow: number;
  readonly window?: { readonly from: number; readonly to: number };
}

/** One vital sign: the newest value with unit and age, its curve, and the same values as a table. */
export function VitalCard({
  kind,
  samples,
  summary,
  latest,
  clinicalNow,
  window,
}: VitalCardProps): ReactElement {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const name = t(`kind.${kind}`);
  const { count, held } = useMemo(() => countShown(samples, summary), [samples, summary]);
  const newest = samples.at(-1) ?? latest;
  const label = t("chartOf", {
    kind: name,
    count,
    value: newest === undefined ? "–" : formatValue(newest.value),
    unit: newest?.unit ?? "",
  });
  const late = samples.some(({ state }) => state === "late");
  return (
    <Card withBorder padding="sm" component="section" aria-label={name}>
      <Group justify="space-between" align="start" wrap="nowrap">
        <Stack gap={0}>
          <Title order={2} size="h5">
            {name}
          </Title>
          <Group gap={8}>
            {held > 0 ? <QuarantineMark count={held} /> : null}
            {late ? <LateMark /> : null}
          </Group>
        </Stack>
        <Newest kind={kind} latest={latest} clinicalNow={clinicalNow} />
      </Group>
      <VitalChart
        kind={kind}
        label={label}
        samples={samples}
        summary={summary}
        {...(window === undefined ? {} : { window })}
      />
      <UnstyledButton
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        fz="sm"
        c="var(--siphms-pending)"
        className="siphms-no-print"
        py={6}
      >
        {open ? "▾" : "▸"} {t("table")}
      </UnstyledButton>
      {open ? (
        <CardTable samples={samples} summary={summary} label={`${name}: ${t("table")}`} />
      ) : null}
    </Card>
  );
}
