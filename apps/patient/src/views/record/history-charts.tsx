import { Stack, Text, Title } from "@mantine/core";
import { kindInfo, type Kind } from "@siphms/vitals";
import { useMemo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { heldSamples } from "../../readings/held-samples.ts";
import { type HistorySpan, shownWindow, spanStart } from "../../readings/history.ts";
import type { ShownSample } from "../../readings/plot-points.ts";
import type { ShownHistory } from "../parts/answers.ts";
import { useFormats } from "../parts/use-formats.ts";
import { useJournal } from "../parts/use-journal.ts";
import { useKindName } from "../parts/value.tsx";
import { ValueTable } from "./value-table.tsx";
import { VitalChart } from "./vital-chart.tsx";

/** The history as one chart for each kind, with the same values as a table. */
export function HistoryCharts({
  history,
  span,
}: {
  readonly history: ShownHistory;
  readonly span: HistorySpan;
}): ReactElement {
  const { t } = useTranslation("record");
  const formats = useFormats();
  const { entries } = useJournal();
  const { now, samples, cutBefore } = history;
  const held = useMemo(
    () => heldSamples(entries, { from: spanStart(span, now), to: now }),
    [entries, span, now],
  );
  const all = useMemo(() => [...samples, ...held], [samples, held]);
  const window = useMemo(() => shownWindow(all, span, now), [all, span, now]);
  const byKind = useMemo(() => grouped(all), [all]);
  return (
    <Stack gap="lg">
      {cutBefore === undefined ? null : (
        <Text size="sm">{t("cut", { time: formats.instant(cutBefore) })}</Text>
      )}
      {held.length === 0 ? null : <Text size="sm">{t("heldNote")}</Text>}
      {[...byKind].map(([kind, ofKind]) => (
        <KindHistory key={kind} kind={kind} samples={ofKind} window={window} />
      ))}
    </Stack>
  );
}

function KindHistory({
  kind,
  samples,
  window,
}: {
  readonly kind: Kind;
  readonly samples: readonly ShownSample[];
  readonly window: { readonly from: number; readonly to: number };
}): ReactElement {
  const { t } = useTranslation("record");
  const formats = useFormats();
  const name = useKindName()(kind);
  const newest = samples.at(-1);
  const value = newest === undefined ? "–" : formats.valueWithUnit(kind, newest.value);
  return (
    <section aria-label={name} data-testid={`history-${kindInfo(kind).name}`}>
      <Title order={2} size="h4">
        {name}{" "}
        <span className="siphms-unit" dir="ltr">
          {formats.unit(kind)}
        </span>
      </Title>
      <VitalChart
        kind={kind}
        label={t("chart", { kind: name, count: samples.length, value })}
        samples={samples}
        window={window}
      />
      <ValueTable label={`${name}: ${t("table")}`} samples={samples} />
    </section>
  );
}

/** In the order of the numbers of the kinds, so that a chart keeps its place. */
function grouped(samples: readonly ShownSample[]): ReadonlyMap<Kind, readonly ShownSample[]> {
  const byKind = new Map<Kind, ShownSample[]>();
  for (const sample of samples.toSorted((a, b) => a.kind - b.kind || a.at - b.at)) {
    const known = byKind.get(sample.kind);
    if (known === undefined) byKind.set(sample.kind, [sample]);
    else known.push(sample);
  }
  return byKind;
}
