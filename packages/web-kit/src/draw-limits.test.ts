import type uPlot from "uplot";
import { afterEach, describe, expect, it, vi } from "vitest";
import { drawLimits, type ChartLimit } from "./draw-limits.ts";

interface Line {
  readonly y: number;
  readonly from: number;
  readonly to: number;
  readonly dashes: readonly number[];
  readonly colour: string;
}

/** A canvas that notes lines, with one pixel for each unit of the axis, from below. */
function draw(
  limits: readonly ChartLimit[],
  scale: { min?: number; max?: number } = SCALE,
): Line[] {
  vi.stubGlobal("devicePixelRatio", 2);
  const lines: Line[] = [];
  let dashes: readonly number[] = [];
  let start = { x: 0, y: 0 };
  const ctx = {
    strokeStyle: "",
    lineWidth: 0,
    save: () => undefined,
    restore: () => undefined,
    beginPath: () => undefined,
    stroke: () => undefined,
    setLineDash: (lengths: readonly number[]) => (dashes = lengths),
    moveTo: (x: number, y: number) => (start = { x, y }),
    lineTo: (x: number) =>
      lines.push({ y: start.y, from: start.x, to: x, dashes, colour: ctx.strokeStyle }),
  };
  const plot = {
    ctx,
    bbox: { left: 10, width: 200, top: 0, height: 100 },
    scales: { y: scale },
    valToPos: (value: number) => 200 - value,
  };
  drawLimits(plot as unknown as uPlot, limits, "green");
  return lines;
}

const SCALE = { min: 40, max: 140 };
afterEach(() => vi.unstubAllGlobals());

describe("alarm limits in a chart", () => {
  it("are lines over its whole width in the curve's colour, at their height", () => {
    expect(draw([{ value: 91, level: "warn" }])).toEqual([
      { y: 109, from: 10, to: 210, dashes: [4, 8], colour: "green" },
    ]);
  });

  it("tell their levels apart by their dashes", () => {
    const [urgent, warn] = draw([
      { value: 131, level: "urgent" },
      { value: 91, level: "warn" },
    ]);
    expect(urgent?.dashes).not.toEqual(warn?.dashes);
  });

  it("are left out where they are out of sight, and where there is no axis yet", () => {
    const limits = [
      { value: 39.9, level: "urgent" },
      { value: 40, level: "urgent" },
      { value: 141, level: "urgent" },
    ] as const;
    expect(draw(limits).map(({ y }) => y)).toEqual([160]);
    expect(draw(limits, {})).toEqual([]);
  });
});
