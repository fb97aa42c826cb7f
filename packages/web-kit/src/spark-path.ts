/** One point of a small chart. */
export interface SparkPoint {
  /** ms. */
  readonly at: number;
  readonly value: number;
}

/** The field of a small chart and how it is filled. */
export interface SparkField {
  /** In units of its own. */
  readonly width: number;
  readonly height: number;
  /** Points further apart than this are not joined: a gap is a gap. */
  readonly gapMs: number;
  /** A jitter of one beat must not fill the field. */
  readonly leastRange: number;
  /** The time from edge to edge, ms; from the first to the last point where absent. */
  readonly from?: number;
  readonly to?: number;
  /** Values that have to be in the field beside those of the points, such as a limit. */
  readonly reach?: readonly number[];
}

const MARGIN = 3;

/** The path of a curve in its field; time runs to the right in every language, as on a monitor. A lone point is a short dash. */
export function sparkPath(points: readonly SparkPoint[], field: SparkField): string {
  const { width, gapMs } = field;
  const begin = field.from ?? points[0]?.at ?? 0;
  const length = Math.max(1, (field.to ?? points.at(-1)?.at ?? 0) - begin);
  const heightOf = sparkHeight(points, field);
  const isApart = (index: number): boolean =>
    Math.abs((points[index]?.at ?? Infinity) - (points[index - 1]?.at ?? -Infinity)) > gapMs;
  return points
    .map(({ at, value }, index) => {
      const x = (((at - begin) / length) * width).toFixed(1);
      const y = heightOf(value).toFixed(1);
      if (!isApart(index)) return `L${x} ${y}`;
      return isApart(index + 1) ? `M${x} ${y}h3` : `M${x} ${y}`;
    })
    .join("");
}

/** Where a value stands in the field of some points, from its upper edge down. */
export function sparkHeight(
  points: readonly SparkPoint[],
  field: SparkField,
): (value: number) => number {
  const values = [...points.map(({ value }) => value), ...(field.reach ?? [])];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const range = Math.max(high - low, field.leastRange);
  const middle = (high + low) / 2;
  return (value) => field.height / 2 - ((value - middle) / range) * (field.height - 2 * MARGIN);
}
