import { TREND_STEP_MS, TREND_STEPS, type ApiSample, type Trend } from "@siphms/api";

type Series = Trend["series"][number];

/**
 * Goes on with a patient's last six hours from what comes live: each sample moves the mean of its step, new steps push old ones
 * out. The weight of what a step held before is not known, so its mean counts as one sample until the trend is fetched anew.
 * Never alters its input.
 */
export function extendTrend(trend: Trend, samples: readonly ApiSample[]): Trend {
  return samples.reduce((so, sample) => {
    const value = valueOf(sample);
    if (value === null || sample.state === "quarantined") return so;
    return extendBy(so, sample, value);
  }, trend);
}

function extendBy(trend: Trend, { kind, at }: ApiSample, value: number): Trend {
  const step = Math.floor((at - trend.start) / TREND_STEP_MS);
  if (step < 0) return trend;
  const moved = shifted(trend, step - (TREND_STEPS - 1));
  const index = Math.min(step, TREND_STEPS - 1);
  const known = moved.series.find((series) => series.kind === kind);
  const values = [...(known?.values ?? Array.from({ length: TREND_STEPS }, () => null))];
  const before = values[index] ?? null;
  values[index] = before === null ? value : (before + value) / 2;
  const others = moved.series.filter((series) => series !== known);
  return { ...moved, series: [...others, { kind, values }] };
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
