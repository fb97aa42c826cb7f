import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import type { Kind } from "@siphms/vitals";
import { useEffect, useMemo, useRef, type ReactElement } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Formats } from "../../readings/format.ts";
import { plotData, type PlotData, type ShownSample } from "../../readings/plot-data.ts";
import { curveColour, themeColour } from "../parts/theme-colour.ts";
import { useFormats, useUnits } from "../parts/use-formats.ts";

const HEIGHT_PX = 180;
const SQUARE_PX = 10;
/** More frames than this would hide the curve: then the table alone says where each value is from. */
const MAX_SQUARES = 80;

/** Props of {@link VitalChart}. */
export interface VitalChartProps {
  readonly kind: Kind;
  /** Says in words what the chart shows: the canvas says nothing to a screen reader. */
  readonly label: string;
  readonly samples: readonly ShownSample[];
  /** The time shown, ms. */
  readonly window: { readonly from: number; readonly to: number };
}

/** One vital sign over time: gaps stay gaps, squares were not measured by a sensor, hollow points are kept aside. */
export function VitalChart({ kind, label, samples, window }: VitalChartProps): ReactElement {
  const units = useUnits();
  const formats = useFormats();
  const scheme = useComputedColorScheme("light");
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const data = useMemo(() => plotData(samples, units), [samples, units]);
  useEffect(() => {
    if (host.current === null || width === 0) return undefined;
    const plot = new uPlot(optionsFor(kind, width, formats), columns(data), host.current);
    plot.setScale("x", { min: window.from / 1000, max: window.to / 1000 });
    return () => plot.destroy();
    // A new theme needs new colours.
  }, [kind, width, formats, data, window, scheme]);
  return (
    <div ref={ref} role="img" aria-label={label} dir="ltr" className="siphms-chart">
      <div ref={host} />
    </div>
  );
}

function columns({ at, main, low, byHand, hollow }: PlotData): uPlot.AlignedData {
  return [[...at], [...main], [...low], [...byHand], [...hollow]];
}

function optionsFor(kind: Kind, width: number, formats: Formats): uPlot.Options {
  const colour = curveColour(kind);
  const axis = { stroke: themeColour("axis"), grid: { stroke: themeColour("grid"), width: 1 } };
  const bars = kind === 2;
  const points = { show: true, size: 6, stroke: colour, fill: colour };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true }, y: { range: (_, low, high) => spread(low, high) } },
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
          drawSquares(plot, colour);
        },
      ],
    },
  };
}

/** Some room above and below, so that one value is not a flat line at the edge, nor one degree a mountain. */
function spread(low: number, high: number): [number, number] {
  const room = Math.max((high - low) * 0.15, Math.abs(high) * 0.04);
  return [low - room, high + room];
}

/** A frame around each value that a person typed in or a file held. */
function drawSquares(plot: uPlot, colour: string): void {
  const [at, , , byHand = []] = plot.data;
  if (byHand.filter((value) => value !== null).length > MAX_SQUARES) return;
  const size = SQUARE_PX * devicePixelRatio;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  for (const [index, second] of at.entries()) {
    const value = byHand[index];
    if (typeof value !== "number") continue;
    const x = plot.valToPos(second, "x", true) - size / 2;
    ctx.strokeRect(x, plot.valToPos(value, "y", true) - size / 2, size, size);
  }
  ctx.restore();
}

/** Draws each pressure as a bar from the lower to the upper one. */
function drawBars(plot: uPlot, colour: string): void {
  const [at, top = [], low = []] = plot.data;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  for (const [index, second] of at.entries()) {
    const upper = top[index];
    const lower = low[index];
    if (typeof upper !== "number" || typeof lower !== "number") continue;
    const x = plot.valToPos(second, "x", true);
    ctx.moveTo(x, plot.valToPos(upper, "y", true));
    ctx.lineTo(x, plot.valToPos(lower, "y", true));
  }
  ctx.stroke();
  ctx.restore();
}

/** Times on the axis in the reader's form; the day stands under the first one of each. */
function timeTicks(seconds: readonly number[], formats: Formats): string[] {
  const days = seconds.map((second) => formats.day(second * 1000));
  return seconds.map((second, index) => {
    const time = formats.time(second * 1000);
    const day = days[index] ?? "";
    return day === days[index - 1] ? time : `${time}\n${day}`;
  });
}
