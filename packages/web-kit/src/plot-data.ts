import type { AlignedData } from "uplot";

/** What a chart says of a value beside its height; in quarantine it stands apart from the curve, all others are on it. */
export type Mark = "typed" | "imported" | "late" | "released" | "quarantined";

/** One value of a chart. */
export interface PlotPoint {
  /** ms. */
  readonly at: number;
  /** A number, or a pressure: systolic, diastolic and, where there is one, mean. */
  readonly value: number | readonly (number | null)[];
  readonly mark?: Mark | undefined;
}

/** A value that has a mark, where it is drawn. */
export interface MarkedPoint {
  /** Seconds. */
  readonly at: number;
  readonly value: number;
  readonly mark: Exclude<Mark, "quarantined">;
}

/** What uPlot draws: seconds, then the curve, then (pressures) the lower ends and means, then what is in quarantine. */
export interface PlotData {
  readonly at: readonly number[];
  readonly main: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  /** Values in quarantine: hollow, never joined to the curve. */
  readonly hollow: readonly (number | null)[];
  readonly marked: readonly MarkedPoint[];
}

/** A gap is a gap once it is this many times the usual distance between values. */
const GAP_FACTOR = 3.5;
const SMALLEST_GAP_MS = 5_000;

/**
 * Turns values of one kind into columns, with an empty row wherever a gap has to show as a gap.
 *
 * @param points - In any order; equal instants keep both values.
 */
export function plotData(points: readonly PlotPoint[]): PlotData {
  const ordered = inOrder(points);
  const gapMs = Math.max(SMALLEST_GAP_MS, usualStep(ordered) * GAP_FACTOR);
  const data = emptyColumns();
  let before: number | undefined;
  for (const point of ordered) {
    if (before !== undefined && point.at - before > gapMs) push(data, before + gapMs / 2, NO_ROW);
    push(data, point.at, rowOf(point));
    if (point.mark !== undefined && point.mark !== "quarantined") {
      const value = topOf(point);
      if (value !== null) data.marked.push({ at: point.at / 1000, value, mark: point.mark });
    }
    before = point.at;
  }
  return data;
}

/** The columns in the order in which uPlot and `drawBars` expect them. */
export function columns({ at, main, low, mean, hollow }: PlotData): AlignedData {
  return [[...at], [...main], [...low], [...mean], [...hollow]];
}

interface Row {
  readonly main: number | null;
  readonly low: number | null;
  readonly mean: number | null;
  readonly hollow: number | null;
}

const NO_ROW: Row = { main: null, low: null, mean: null, hollow: null };

type Columns = Record<keyof Row, (number | null)[]> & {
  readonly at: number[];
  readonly marked: MarkedPoint[];
};

function emptyColumns(): Columns {
  return { at: [], main: [], low: [], mean: [], hollow: [], marked: [] };
}

function push(data: Columns, atMs: number, { main, low, mean, hollow }: Row): void {
  data.at.push(atMs / 1000);
  data.main.push(main);
  data.low.push(low);
  data.mean.push(mean);
  data.hollow.push(hollow);
}

function rowOf(point: PlotPoint): Row {
  const main = topOf(point);
  if (point.mark === "quarantined") return { ...NO_ROW, hollow: main };
  const [, low = null, mean = null] = typeof point.value === "number" ? [] : point.value;
  return { main, low, mean, hollow: null };
}

function topOf({ value }: PlotPoint): number | null {
  return typeof value === "number" ? value : (value[0] ?? null);
}

/** Long records come in order already, and sorting them again would cost more than looking. */
function inOrder(points: readonly PlotPoint[]): readonly PlotPoint[] {
  const isOrdered = points.every(({ at }, index) => at >= (points[index - 1]?.at ?? -Infinity));
  return isOrdered ? points : points.toSorted((a, b) => a.at - b.at);
}

/** The usual distance between two values: the median, ms. */
function usualStep(ordered: readonly PlotPoint[]): number {
  const steps: number[] = [];
  for (const [index, { at }] of ordered.entries()) {
    const step = at - (ordered[index - 1]?.at ?? at);
    if (step > 0) steps.push(step);
  }
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}
