import { TREND_STEP_MS, TREND_STEPS, type ApiSample, type Trend } from "@siphms/api";

type Series = Trend["series"][number];

/**
 * Goes on with a patient's last six hours from what comes live: each sample moves the mean of its step, new steps push old ones
 * out. The weight of what a step held before is not known, so its mean counts as one sample until the trend is fetched anew.
 * Never alters its input.
 */
export function extendTrend(trend: Trend, samples: readonly ApiSample[]): Trend {
  const good = samples.filter(
    (sample) =>
      sample.state !== "quarantined" && sample.at >= trend.start && valueOf(sample) !== null,
  );
  if (good.length === 0) return trend;
  const newest = good.reduce((so, { at }) => Math.max(so, at), 0);
  const moved = shifted(trend, stepOf(trend, newest) - (TREND_STEPS - 1));
  const series = new Map(moved.series.map((one) => [one.kind, one.values]));
  const changed = new Set<Series["kind"]>();
  for (const sample of good) {
    const { kind } = sample;
    const known = series.get(kind) ?? Array.from({ length: TREND_STEPS }, () => null);
    // Copied once for all of a message's samples: there are many.
    const values = changed.has(kind) ? known : [...known];
    addTo(values, stepOf(moved, sample.at), valueOf(sample));
    series.set(kind, values);
    changed.add(kind);
  }
  return { ...moved, series: [...series].map(([kind, values]) => ({ kind, values })) };
}

function addTo(values: (number | null)[], step: number, value: number | null): void {
  if (step < 0 || value === null) return;
  const before = values[step] ?? null;
  values[step] = before === null ? value : (before + value) / 2;
}

function stepOf({ start }: Trend, at: number): number {
  return Math.floor((at - start) / TREND_STEP_MS);
}

/** The same trend, so many steps later. */
function shifted(trend: Trend, steps: number): Trend {
  if (steps <= 0) return trend;
  const shift = ({ kind, values }: Series): Series => ({
    kind,
    values: Array.from({ length: TREND_STEPS }, (_, index) => values[index + steps] ?? null),
  });
  return {
    ...trend,
    start: trend.start + steps * TREND_STEP_MS,
    series: trend.series.map(shift),
  };
}

function valueOf({ value }: ApiSample): number | null {
  return typeof value === "number" ? value : value[0];
}
