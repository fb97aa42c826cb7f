import type { SummarySeries } from "@siphms/api";
import type { PlotData } from "@siphms/web-kit";

/** Summaries of one kind: one series, or those of a pressure's numbers. */
export interface ShownSummary {
  readonly span: "hour" | "day";
  readonly series: readonly SummarySeries[];
}

const SPAN_MS = { hour: 3_600_000, day: 86_400_000 };

/** One period as chart and table show it. */
export interface SummaryBar {
  /** Its beginning, ms. */
  readonly start: number;
  /** Good values. */
  readonly count: number;
  readonly quarantined: number;
  /** The lowest and the highest value; of a pressure the means of its diastolic and its systolic values. */
  readonly low: number | null;
  readonly high: number | null;
  readonly mean: number | null;
}

/** Puts one bar together for each period, in order of time; a pressure's come out of up to three series. */
export function summaryBars({ series }: ShownSummary): readonly SummaryBar[] {
  const bars = new Map<number, SummaryBar>();
  for (const one of series) {
    for (const [index, start] of one.start.entries()) {
      const known = bars.get(start) ?? { ...EMPTY, start };
      const count = Math.max(known.count, one.count[index] ?? 0);
      const quarantined = Math.max(known.quarantined, one.quarantined[index] ?? 0);
      bars.set(start, { ...known, ...valuesOf(one, index), count, quarantined });
    }
  }
  return [...bars.values()].sort((a, b) => a.start - b.start);
}

const EMPTY = { count: 0, quarantined: 0, low: null, high: null, mean: null };

function valuesOf(series: SummarySeries, index: number): Partial<SummaryBar> {
  const mean = series.mean[index] ?? null;
  if (series.part === "systolic") return { high: mean };
  if (series.part === "diastolic") return { low: mean };
  if (series.part === "mean") return { mean };
  return { low: series.min[index] ?? null, high: series.max[index] ?? null, mean };
}

/** The same bars as columns for the chart, each in the middle of its period. */
export function summaryPlotData(summary: ShownSummary): PlotData {
  const bars = summaryBars(summary);
  return {
    at: bars.map(({ start }) => (start + SPAN_MS[summary.span] / 2) / 1000),
    main: bars.map(({ high }) => high),
    low: bars.map(({ low }) => low),
    mean: bars.map(({ mean }) => mean),
    hollow: bars.map(() => null),
    marked: [],
  };
}

/** How many values the series stand for; a pressure is one, whatever of it was measured. */
export function valuesIn(series: readonly SummarySeries[]): number {
  const byKind = new Map<string, number>();
  for (const { kind, count, quarantined } of series) {
    const values = [...count, ...quarantined].reduce((sum, one) => sum + one, 0);
    byKind.set(kind, Math.max(byKind.get(kind) ?? 0, values));
  }
  return [...byKind.values()].reduce((sum, one) => sum + one, 0);
}
