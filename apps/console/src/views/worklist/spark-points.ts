import type { Trend } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import type { SparkPoint } from "@siphms/web-kit";

/** The very same each time: nothing is drawn anew for it. */
const NO_POINTS: readonly SparkPoint[] = [];

/** The points of one kind's six hours: the middle of each step that has a mean. */
export function sparkPoints(trend: Trend | undefined, kind: KindName): readonly SparkPoint[] {
  const series = trend?.series.find((one) => one.kind === kind);
  if (trend === undefined || series === undefined) return NO_POINTS;
  return series.values.flatMap((value, index) =>
    value === null ? [] : { at: trend.start + (index + 0.5) * trend.stepMs, value },
  );
}

const SMALLEST_GAP_MS = 25 * 60_000;
const GAP_FACTOR = 2.5;

/** From which distance on points are not joined: what is measured by the hour is a curve, too. */
export function sparkGap(points: readonly SparkPoint[]): number {
  const steps = points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at));
  steps.sort((a, b) => a - b);
  return Math.max(SMALLEST_GAP_MS, (steps[Math.floor(steps.length / 2)] ?? 0) * GAP_FACTOR);
}
