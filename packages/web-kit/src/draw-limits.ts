import type uPlot from "uplot";

/** An alarm limit of a chart: a height, and how much it asks for. */
export interface ChartLimit {
  readonly value: number;
  readonly level: "urgent" | "warn";
}

/** Long dashes ask for somebody at once, short ones for attention: two patterns, as colour alone would say nothing. */
const DASHES: Readonly<Record<ChartLimit["level"], readonly number[]>> = {
  urgent: [8, 4],
  warn: [2, 4],
};

/** Draws alarm limits as thin dashed lines over the whole time shown; those out of sight are left out. */
export function drawLimits(plot: uPlot, limits: readonly ChartLimit[], colour: string): void {
  const { ctx, bbox } = plot;
  const { min, max } = plot.scales["y"] ?? {};
  if (typeof min !== "number" || typeof max !== "number") return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  for (const { value, level } of limits) {
    if (value < min || value > max) continue;
    const y = plot.valToPos(value, "y", true);
    ctx.setLineDash(DASHES[level].map((length) => length * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}
