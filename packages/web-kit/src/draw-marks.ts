import type uPlot from "uplot";
import type { MarkedPoint } from "./plot-data.ts";

const SIZE_PX = 10;
/** More marks than this would hide the curve: then the words beside the chart and its table alone say where values are from. */
const MAX_MARKS = 120;

/**
 * Draws a shape around each marked value that is in sight: a square for one that was typed in, a diamond for an imported one,
 * a triangle that points down for a late one, two rings for one that was released from quarantine.
 */
export function drawMarks(plot: uPlot, points: readonly MarkedPoint[], colour: string): void {
  const { min = -Infinity, max = Infinity } = plot.scales["x"] ?? {};
  const inSight = points.filter(({ at }) => at >= min && at <= max);
  if (inSight.length > MAX_MARKS) return;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  for (const { at, value, mark } of inSight) {
    ctx.beginPath();
    const middle = { x: plot.valToPos(at, "x", true), y: plot.valToPos(value, "y", true) };
    SHAPES[mark](ctx, middle, (SIZE_PX / 2) * devicePixelRatio);
    ctx.stroke();
  }
  ctx.restore();
}

type Shape = (
  ctx: CanvasRenderingContext2D,
  middle: { readonly x: number; readonly y: number },
  half: number,
) => void;

const SHAPES: Readonly<Record<MarkedPoint["mark"], Shape>> = {
  typed: (ctx, { x, y }, half) => {
    ctx.rect(x - half, y - half, 2 * half, 2 * half);
  },
  imported: (ctx, { x, y }, half) => {
    const reach = half * 1.3;
    ctx.moveTo(x, y - reach);
    ctx.lineTo(x + reach, y);
    ctx.lineTo(x, y + reach);
    ctx.lineTo(x - reach, y);
    ctx.closePath();
  },
  late: (ctx, { x, y }, half) => {
    ctx.moveTo(x - half * 1.3, y - half);
    ctx.lineTo(x + half * 1.3, y - half);
    ctx.lineTo(x, y + half * 1.4);
    ctx.closePath();
  },
  released: (ctx, { x, y }, half) => {
    ctx.arc(x, y, half, 0, 2 * Math.PI);
    ctx.moveTo(x + half * 1.6, y);
    ctx.arc(x, y, half * 1.6, 0, 2 * Math.PI);
  },
};
