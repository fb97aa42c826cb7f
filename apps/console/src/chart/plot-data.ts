import type { ApiSample } from "@siphms/api";

/** What uPlot draws: seconds, then the plain values, then (pressures) the lower ends and means, then the hollow points. */
export interface PlotData {
  readonly at: readonly number[];
  readonly main: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  /** Quarantined and late values: drawn hollow, never joined to the curve. */
  readonly hollow: readonly (number | null)[];
}

/** A gap is a gap once it is this many times the usual distance between samples. */
const GAP_FACTOR = 3.5;
const SMALLEST_GAP_S = 5;

/** The usual distance between two samples: the median, in seconds. */
function usualStep(at: readonly number[]): number {
  const steps = at.slice(1).map((second, index) => second - (at[index] ?? second));
  const sorted = steps.filter((step) => step > 0).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

interface Row {
  readonly at: number;
  readonly top: number | null;
  readonly low: number | null;
  readonly mean: number | null;
  readonly hollow: boolean;
}

function rowOf(sample: ApiSample): Row {
  const [top, low, mean] = typeof sample.value === "number" ? [sample.value] : sample.value;
  const hollow = sample.state !== "stored";
  return { at: sample.at / 1000, top: top ?? null, low: low ?? null, mean: mean ?? null, hollow };
}

/**
 * Turns samples of one kind into columns, with an empty row wherever a gap has to show as a gap.
 *
 * @param samples - In any order; equal instants keep both values.
 */
export function plotData(samples: readonly ApiSample[]): PlotData {
  const rows = samples.map(rowOf).sort((a, b) => a.at - b.at);
  const gap = Math.max(SMALLEST_GAP_S, usualStep(rows.map((row) => row.at)) * GAP_FACTOR);
  const data = { at: [] as number[], main: [] as (number | null)[], low: [] as (number | null)[] };
  const mean: (number | null)[] = [];
  const hollow: (number | null)[] = [];
  const push = (at: number, row?: Row): void => {
    data.at.push(at);
    data.main.push(row === undefined || row.hollow ? null : row.top);
    data.low.push(row === undefined || row.hollow ? null : row.low);
    mean.push(row === undefined || row.hollow ? null : row.mean);
    hollow.push(row?.hollow === true ? row.top : null);
  };
  let before: number | undefined;
  for (const row of rows) {
    if (before !== undefined && row.at - before > gap) push(before + gap / 2);
    push(row.at, row);
    before = row.at;
  }
  return { ...data, mean, hollow };
}
