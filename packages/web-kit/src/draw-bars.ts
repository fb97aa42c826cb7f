import type uPlot from "uplot";

const TICK_PX = 4;

/**
 * Draws each pressure as a bar from diastolic to systolic, and each summary from lowest to highest, with a tick at the mean.
 *
 * @param plot - Its columns are those of `PlotData`: time, top, low and, where a mean is to be ticked, mean.
 */
export function drawBars(plot: uPlot, colour: string): void {
  const [at, top = [], low = [], mean = []] = plot.data;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  for (const [index, second] of at.entries()) {
    const upper = top[index];
    const lower = low[index];
    if (typeof upper !== "number" || typeof lower !== "number" || !isInside(plot, second)) continue;
    const x = plot.valToPos(second, "x", true);
    ctx.moveTo(x, plot.valToPos(upper, "y", true));
    ctx.lineTo(x, plot.valToPos(lower, "y", true));
    const middle = mean[index];
    if (typeof middle !== "number") continue;
    const y = plot.valToPos(middle, "y", true);
    ctx.moveTo(x - TICK_PX * devicePixelRatio, y);
    ctx.lineTo(x + TICK_PX * devicePixelRatio, y);
  }
  ctx.stroke();
  ctx.restore();
}

function isInside(plot: uPlot, second: number): boolean {
  const { min = -Infinity, max = Infinity } = plot.scales["x"] ?? {};
  return second >= min && second <= max;
}
