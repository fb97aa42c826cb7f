import type { ReactElement } from "react";
import type { CurvePoint } from "../../sensors/board.ts";

const WIDTH = 240;
const HEIGHT = 48;
const MARGIN = 3;
/** Points further apart than this are not joined: a gap is a gap. */
const GAP_MS = 15_000;

/** The last minutes as a small curve; its label says in words what it shows. */
export function Spark({
  points,
  label,
}: {
  readonly points: readonly CurvePoint[];
  readonly label: string;
}): ReactElement | null {
  if (points.length < 2) return null;
  return (
    <svg
      className="siphms-spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path
        d={sparkPath(points)}
        fill="none"
        stroke="var(--siphms-curve-heart)"
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** The path of a curve in a field of 240 by 48; time runs to the right in every language, as on a monitor. */
export function sparkPath(points: readonly CurvePoint[]): string {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const begin = points[0]?.at ?? 0;
  const length = Math.max(1, (points.at(-1)?.at ?? 0) - begin);
  // A flat curve lies in the middle, and a jitter of one beat does not fill the field.
  const range = Math.max(high - low, 8);
  const middle = (high + low) / 2;
  return points
    .map(({ at, value }, index) => {
      const x = ((at - begin) / length) * WIDTH;
      const y = HEIGHT / 2 - ((value - middle) / range) * (HEIGHT - 2 * MARGIN);
      const isGap = at - (points[index - 1]?.at ?? -Infinity) > GAP_MS;
      return `${isGap ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}
