import { sparkPath } from "@siphms/web-kit";
import type { ReactElement } from "react";
import type { CurvePoint } from "../../sensors/board.ts";

const FIELD = { width: 240, height: 48, gapMs: 15_000, leastRange: 8 };

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
      viewBox={`0 0 ${FIELD.width} ${FIELD.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path
        d={sparkPath(points, FIELD)}
        fill="none"
        stroke={`var(--siphms-${colour})`}
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
