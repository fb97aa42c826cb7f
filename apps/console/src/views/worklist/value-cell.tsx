import type { LatestValue } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { curveName, sparkPath, type SparkPoint } from "@siphms/web-kit";
import { memo, type ReactElement } from "react";
import { formatValue, type ShownValue } from "../../format.ts";
import type { ValueLevel } from "../alerts/alert-order.ts";
import type { ClinicalClock } from "../clinical-time.ts";
import { Age } from "../live-age.tsx";
import { LateMark, OriginMark, ReleasedMark } from "../marks.tsx";
import { useStale } from "../use-stale.ts";
import { LimitMark } from "./need-badge.tsx";
import type { RowTexts } from "./row-texts.ts";
import { sparkGap } from "./spark-points.ts";

/** Ages of a whole ward are told anew this often: more often costs time and tells nobody more. */
export const LIST_TICK_MS = 5_000;

const FIELD = { width: 120, height: 22, leastRange: 4 };

/** A pressure without its mean, for which a row has no room; unless that is all there is. */
function shortValue(value: LatestValue["value"]): ShownValue {
  if (typeof value === "number" || (value[0] === null && value[1] === null)) return value;
  return value.slice(0, 2);
}

/** When six hours begin and end, ms. */
export interface SparkSpan {
  readonly from: number;
  readonly to: number;
}

interface SparkProps extends Pick<RowTexts, "words"> {
  readonly points: readonly SparkPoint[];
  readonly span: SparkSpan | undefined;
  readonly kind: KindName;
}

/** The last six hours of one kind, for the eye; the range in words for those who listen. */
const Spark = memo(function Spark({ points, span, kind, words }: SparkProps): ReactElement {
  const values = points.map(({ value }) => value);
  const range = { low: formatValue(Math.min(...values)), high: formatValue(Math.max(...values)) };
  const label = points.length === 0 ? words("noTrend") : words("trend", range);
  return (
    <svg
      className="siphms-worklist-spark"
      viewBox={`0 0 ${FIELD.width} ${FIELD.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path
        d={sparkPath(points, { ...FIELD, ...span, gapMs: sparkGap(points) })}
        fill="none"
        stroke={`var(--siphms-${curveName(kind)})`}
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
});

/** Props of {@link ValueCell}. */
export interface ValueCellProps extends Pick<RowTexts, "t" | "words"> {
  readonly kind: KindName;
  readonly latest: LatestValue | undefined;
  /** What the open alerts say of it. */
  readonly level: ValueLevel;
  readonly clock: ClinicalClock;
  readonly points: readonly SparkPoint[];
  readonly span: SparkSpan | undefined;
}

/** The newest value of one kind with its unit, age and origin, never a number alone, over its last six hours. */
export const ValueCell = memo(function ValueCell(props: ValueCellProps): ReactElement {
  const { kind, latest, level, clock, points, span, t, words } = props;
  const stale = useStale(latest, clock, LIST_TICK_MS);
  return (
    <div role="cell" className={`siphms-worklist-cell${stale ? " siphms-stale" : ""}`}>
      <span className="siphms-worklist-label" aria-hidden="true">
        {t(`kind.${kind}`)}
      </span>
      {latest === undefined ? (
        <span className="siphms-age">{t("noValue")}</span>
      ) : (
        <>
          <span className={`siphms-value siphms-level-${level}`} dir="ltr">
            <LimitMark level={level} words={words} /> {formatValue(shortValue(latest.value))}{" "}
            <span className="siphms-unit">{latest.unit}</span>
          </span>
          <span className="siphms-worklist-age">
            <Age at={latest.at} of={clock} stepMs={LIST_TICK_MS} />
            {latest.released === true ? <ReleasedMark /> : null}
            {latest.late ? <LateMark /> : null}
            <OriginMark origin={latest.origin} />
          </span>
        </>
      )}
      {points.length === 0 ? null : <Spark points={points} span={span} kind={kind} words={words} />}
    </div>
  );
});
