import type { KindName } from "@siphms/vitals";
import {
  curveColour,
  drawBars,
  drawLimits,
  drawMarks,
  rangeWithLimits,
  themeColour,
  timeTicks,
  type ChartLimit,
  type PlotData,
} from "@siphms/web-kit";
import type uPlot from "uplot";
import { formatDay, formatTime, formatTick } from "../format.ts";

/** Height of a chart, px. */
export const CHART_HEIGHT = 180;
/** All charts of a page point at the same instant. */
const SYNC_KEY = "siphms-vitals";

/** What a chart draws. */
export interface Drawing {
  readonly kind: KindName;
  /** Asked for at each drawing: live values come into a chart that stands. */
  readonly data: () => PlotData;
  /** Asked for at each drawing as well: somebody may change them. */
  readonly limits: () => readonly ChartLimit[];
  /** A bar for each hour or day in place of a curve. */
  readonly isSummary: boolean;
  readonly width: number;
  /** Called with the place in the columns that is pointed at, or nothing. */
  readonly onPoint: (index: number | null) => void;
}

/** Sets a chart up in the colours of the present theme. */
export function chartOptions(drawing: Drawing): uPlot.Options {
  const { kind, data, limits, isSummary, width, onPoint } = drawing;
  const colour = curveColour(kind);
  const axis = { stroke: themeColour("axis"), grid: { stroke: themeColour("grid"), width: 1 } };
  const bars = isSummary || kind === "blood-pressure";
  const points = { show: bars, size: 5, stroke: colour, fill: colour };
  const quiet = { stroke: colour, width: 0, points: { show: false } };
  return {
    width,
    height: CHART_HEIGHT,
    legend: { show: false },
    // The page itself pans and zooms all charts together.
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: SYNC_KEY },
      points: { size: 8 },
    },
    scales: {
      x: { time: true },
      y: { range: (_, low, high) => rangeOf(low, high, limits()) },
    },
    axes: [
      {
        ...axis,
        space: 70,
        values: (_, seconds) => timeTicks(seconds, { time: formatTime, day: formatDay }),
      },
      { ...axis, size: 52, values: (_, ticks) => ticks.map(formatTick) },
    ],
    series: [
      {},
      { stroke: colour, width: bars ? 0 : 1.5, points: bars ? points : { size: 4, fill: colour } },
      { ...quiet, points },
      quiet,
      { ...quiet, points: { show: true, size: 8, stroke: colour, fill: "transparent" } },
    ],
    hooks: {
      draw: [
        (plot) => {
          drawLimits(plot, limits(), colour);
          if (bars) drawBars(plot, colour);
          drawMarks(plot, data().marked, colour);
        },
      ],
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)],
    },
  };
}

function rangeOf(
  low: number | null,
  high: number | null,
  limits: readonly ChartLimit[],
): [number, number] {
  return rangeWithLimits(
    low,
    high,
    limits.map(({ value }) => value),
  );
}
