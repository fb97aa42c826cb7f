import type { ApiSample } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { columns, curveColour, drawBars, plotData, themeColour, timeTicks } from "@siphms/web-kit";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useRef, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatDay, formatTime } from "../format.ts";
import { markOf } from "./mark-of.ts";
import { summaryPlotData, type ShownSummary } from "./summary-data.ts";

const HEIGHT_PX = 180;

function optionsFor(kind: KindName, width: number, isSummary: boolean): uPlot.Options {
  const colour = curveColour(kind);
  const axis = { stroke: themeColour("axis"), grid: { stroke: themeColour("grid"), width: 1 } };
  const bars = isSummary || kind === "blood-pressure";
  const points = { size: 5, stroke: colour, fill: colour };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { drag: { x: true, y: false } },
    scales: { x: { time: true } },
    axes: [
      { ...axis, values: (_, seconds) => timeTicks(seconds, { time: formatTime, day: formatDay }) },
      { ...axis, size: 52 },
    ],
    series: [
      {},
      {
        stroke: colour,
        width: bars ? 0 : 1.5,
        points: { ...points, show: bars },
        spanGaps: false,
      },
      { stroke: colour, width: 0, points: { ...points, show: bars } },
      { stroke: colour, width: 0, points: { show: false } },
      {
        stroke: colour,
        width: 0,
        points: { show: true, size: 7, stroke: colour, fill: "transparent" },
      },
    ],
    hooks: { draw: bars ? [(plot) => drawBars(plot, colour)] : [] },
  };
}

/** Props of {@link VitalChart}. */
export interface VitalChartProps {
  readonly kind: KindName;
  readonly label: string;
  readonly samples: readonly ApiSample[];
  /** Drawn in place of the samples. */
  readonly summary?: ShownSummary | undefined;
  /** The time shown, ms; the whole of the samples where absent. */
  readonly window?: { readonly from: number; readonly to: number };
}

/**
 * One vital sign over time. Drag to zoom, double click to see all again.
 *
 * The canvas says nothing to a screen reader: the label sums it up and the table beside it holds every value.
 */
export function VitalChart({
  kind,
  label,
  samples,
  summary,
  window,
}: VitalChartProps): ReactElement {
  const { i18n } = useTranslation();
  const scheme = useComputedColorScheme("light");
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const isSummary = summary !== undefined;
  const data = useMemo(
    () =>
      summary === undefined
        ? plotData(samples.map((sample) => ({ ...sample, mark: markOf(sample) })))
        : summaryPlotData(summary),
    [samples, summary],
  );

  useEffect(() => {
    if (host.current === null || width === 0) return undefined;
    const made = new uPlot(optionsFor(kind, width, isSummary), columns(plotData([])), host.current);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
    // A new theme or language needs new colours and axis texts.
  }, [kind, width, isSummary, scheme, i18n.language]);

  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    // Together, so that the value axis is fitted to what the chosen time shows.
    made.batch(() => {
      made.setData(columns(data), true);
      if (window !== undefined) {
        made.setScale("x", { min: window.from / 1000, max: window.to / 1000 });
      }
    });
  }, [data, window, width, isSummary, scheme, i18n.language]);

  return (
    <div ref={ref} role="img" aria-label={label} dir="ltr" style={{ minHeight: HEIGHT_PX }}>
      <div ref={host} />
    </div>
  );
}
