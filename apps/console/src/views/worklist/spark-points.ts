import type { Trend } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import type { SparkPoint } from "@siphms/web-kit";

/** The points of one kind's six hours: the middle of each step that has a mean. */
export function sparkPoints(trend: Trend | undefined, kind: KindName): readonly SparkPoint[] {
  const series = trend?.series.find((one) => one.kind === kind);
  if (trend === undefined || series === undefined) return [];
  return series.values.flatMap((value, index) =>
    value === null ? [] : { at: trend.start + (index + 0.5) * trend.stepMs, value },
  );
}
