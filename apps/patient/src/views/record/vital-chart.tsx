import { useComputedColorScheme } from "@mantine/core";
import { kindInfo, type Kind } from "@siphms/vitals";
import {
  columns,
  curveColour,
  drawBars,
  drawMarks,
  followWidth,
  plotData,
  themeColour,
  timeTicks,
  valueRange,
  type PlotData,
} from "@siphms/web-kit";
import { useEffect, useMemo, useRef, type ReactElement } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Formats } from "../../readings/format.ts";
import { plotPoints, type ShownSample } from "../../readings/plot-points.ts";
import { useFormats, useUnits } from "../parts/use-formats.ts";

const HEIGHT_PX = 180;

/** Props of {@link VitalChart}. */
export interface VitalChartProps {
  readonly kind: Kind;
  /** Says in words what the chart shows: the canvas says nothing to a screen reader. */
  readonly label: string;
  readonly samples: readonly ShownSample[];
  /** The time shown, ms. */
  readonly window: { readonly from: number; readonly to: number };
}

/** One vital sign over time: gaps stay gaps, squares were typed in, diamonds imported, hollow points are kept aside. */
export function VitalChart({ kind, label, samples, window }: VitalChartProps): ReactElement {
  const units = useUnits();
  const formats = useFormats();
  const scheme = useComputedColorScheme("light");
  const host = useRef<HTMLDivElement>(null);
  const data = useMemo(() => plotData(plotPoints(samples, units)), [samples, units]);
  useEffect(() => {
    const { current: frame } = host;
    if (frame === null) return undefined;
    const plot = new uPlot(optionsFor(kind, { data, formats, frame }), columns(data), frame);
    plot.setScale("x", { min: window.from / 1000, max: window.to / 1000 });
    const stopFollowing = followWidth(frame, plot);
    return () => {
      stopFollowing();
      plot.destroy();
    };
    // A new theme needs new colours.
  }, [kind, formats, data, window, scheme]);
  return <div ref={host} role="img" aria-label={label} dir="ltr" className="siphms-chart" />;
}

interface Drawn {
  readonly data: PlotData;
  readonly formats: Formats;
  readonly frame: HTMLElement;
}

function optionsFor(kind: Kind, { data, formats, frame }: Drawn): uPlot.Options {
  const colour = curveColour(kindInfo(kind).name);
  const axis = { stroke: themeColour("axis"), grid: { stroke: themeColour("grid"), width: 1 } };
  const bars = kind === 2;
  const points = { show: true, size: 6, stroke: colour, fill: colour };
  return {
    width: frame.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true }, y: { range: (_, low, high) => valueRange(low, high) } },
    axes: [
      { ...axis, space: 70, values: (_, seconds) => timeTicks(seconds, formats) },
      { ...axis, size: 46, values: (_, ticks) => ticks.map(formats.tick) },
    ],
    series: [
      {},
      { stroke: colour, width: bars ? 0 : 1.5, points: bars ? points : { size: 4, fill: colour } },
      { stroke: colour, width: 0, points: bars ? points : { show: false } },
      { stroke: colour, width: 0, points: { show: false } },
      { stroke: colour, width: 0, points: { ...points, size: 8, fill: "transparent" } },
    ],
    hooks: {
      draw: [
        (plot) => {
          if (bars) drawBars(plot, colour);
          drawMarks(plot, data.marked, colour);
        },
      ],
    },
  };
}
