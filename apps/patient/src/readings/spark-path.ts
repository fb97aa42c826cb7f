import type { CurvePoint } from "../sensors/board.ts";

/** The field of a small chart, in units of its own. */
export const SPARK_WIDTH = 240;
/** Its height. */
export const SPARK_HEIGHT = 48;
const MARGIN = 3;
/** Points further apart than this are not joined: a gap is a gap. */
const GAP_MS = 15_000;
/** A jitter of one beat must not fill the field. */
const LEAST_RANGE = 8;

/** The path of a curve in a field of 240 by 48; time runs to the right in every language, as on a monitor. */
export function sparkPath(points: readonly CurvePoint[]): string {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const begin = points[0]?.at ?? 0;
  const length = Math.max(1, (points.at(-1)?.at ?? 0) - begin);
  const range = Math.max(high - low, LEAST_RANGE);
  const middle = (high + low) / 2;
  return points
    .map(({ at, value }, index) => {
      const x = ((at - begin) / length) * SPARK_WIDTH;
      const y = SPARK_HEIGHT / 2 - ((value - middle) / range) * (SPARK_HEIGHT - 2 * MARGIN);
      const isGap = at - (points[index - 1]?.at ?? -Infinity) > GAP_MS;
      return `${isGap ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}
