import type { Kind, Origin, WireValue } from "@siphms/vitals";
import { toShown, type UnitPreferences } from "./units.ts";

/** One value as the record shows it. */
export interface ShownSample {
  readonly kind: Kind;
  readonly at: number;
  readonly value: WireValue;
  readonly origin: Origin;
  /** Why it stands in quarantine, where it does. */
  readonly held?: string;
}

/** What a chart draws: seconds, the curve, the lower ends of pressures, and what is typed in, imported or in quarantine. */
export interface PlotData {
  readonly at: readonly number[];
  readonly main: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  /** Values that did not come from a sensor: squares on the curve. */
  readonly byHand: readonly (number | null)[];
  /** Values in quarantine: hollow, never joined to the curve. */
  readonly hollow: readonly (number | null)[];
}

/** A gap is a gap once it is this many times the usual distance between samples. */
const GAP_FACTOR = 3.5;
const SMALLEST_GAP_MS = 5_000;

/**
 * Turns samples of one kind into columns, with an empty row wherever a gap has to show as a gap.
 *
 * @param samples - In any order; equal instants keep both values.
 */
export function plotData(samples: readonly ShownSample[], units: UnitPreferences): PlotData {
  const ordered = samples.toSorted((a, b) => a.at - b.at);
  const gapMs = Math.max(SMALLEST_GAP_MS, usualStep(ordered) * GAP_FACTOR);
  const data: Record<keyof PlotData, (number | null)[]> & { readonly at: number[] } = {
    at: [],
    main: [],
    low: [],
    byHand: [],
    hollow: [],
  };
  let before: number | undefined;
  for (const sample of ordered) {
    if (before !== undefined && sample.at - before > gapMs) push(data, before + gapMs / 2);
    push(data, sample.at, rowOf(sample, units));
    before = sample.at;
  }
  return data;
}

interface Row {
  readonly main: number | null;
  readonly low: number | null;
  readonly byHand: number | null;
  readonly hollow: number | null;
}

const NO_ROW: Row = { main: null, low: null, byHand: null, hollow: null };

function push(
  data: Record<keyof PlotData, (number | null)[]>,
  atMs: number,
  { main, low, byHand, hollow }: Row = NO_ROW,
): void {
  data.at.push(atMs / 1000);
  data.main.push(main);
  data.low.push(low);
  data.byHand.push(byHand);
  data.hollow.push(hollow);
}

function rowOf({ kind, value, origin, held }: ShownSample, units: UnitPreferences): Row {
  const shown = toShown(kind, value, units);
  const [top, low] = typeof shown === "number" ? [shown, null] : shown;
  if (held !== undefined) return { ...NO_ROW, hollow: top };
  return { main: top, low, byHand: origin === 0 ? null : top, hollow: null };
}

/** The usual distance between two samples: the median, ms. */
function usualStep(ordered: readonly ShownSample[]): number {
  const steps = ordered.slice(1).map(({ at }, index) => at - (ordered[index]?.at ?? at));
  const sorted = steps.filter((step) => step > 0).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
