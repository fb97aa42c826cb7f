import type { ReactElement } from "react";
import { SPARK_HEIGHT, SPARK_WIDTH, sparkPath } from "../../readings/spark-path.ts";
import type { CurvePoint } from "../../sensors/board.ts";

/** The last minutes as a small curve; its label says in words what it shows. */
export function Spark({
  points,
  colour,
  label,
}: {
  readonly points: readonly CurvePoint[];
  /** Of the theme. */
  readonly colour: string;
  readonly label: string;
}): ReactElement | null {
  if (points.length < 2) return null;
  return (
    <svg
      className="siphms-spark"
      viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path
        d={sparkPath(points)}
        fill="none"
        stroke={`var(--siphms-${colour})`}
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
