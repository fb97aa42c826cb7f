import { Button, Skeleton, Text } from "@mantine/core";
import type { ApiAlert } from "@siphms/api";
import { curveName, sparkHeight, sparkPath } from "@siphms/web-kit";
import { useMemo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant, formatTime } from "../../format.ts";
import type { KnownPatient } from "../../live/patient-store.ts";
import { clinicalTime } from "../clinical-time.ts";
import { useNow } from "../live-age.tsx";
import { useReadings, type ShownReadings } from "../patient/readings.ts";
import type { TimeSpan } from "../patient/time-view.ts";
import { sparkGap } from "../worklist/spark-points.ts";
import { askedSpan, curvePoints, curvesOf, curveSpan, type AlertCurve } from "./alert-curves.ts";
import { partName, withUnit } from "./alert-words.ts";

/** A drawing of two hours need not go on every second. */
const TICK_MS = 30_000;
const DAY_MS = 86_400_000;
const FIELD = { width: 320, height: 64, leastRange: 8 };

/** Props of {@link AlertCurves}. */
export interface AlertCurvesProps {
  readonly alert: ApiAlert;
  readonly patient: KnownPatient;
}

/** The values that an alert is about, drawn: the last two hours, kept live, with the limit that was passed. */
export function AlertCurves({ alert, patient }: AlertCurvesProps): ReactElement | null {
  const curves = useMemo(() => curvesOf(alert.finding), [alert.finding]);
  const now = clinicalTime(patient, useNow(TICK_MS));
  if (curves.length === 0) return null;
  return <Curves curves={curves} patient={patient} span={curveSpan(alert, now)} />;
}

interface CurvesProps {
  readonly curves: readonly AlertCurve[];
  readonly patient: KnownPatient;
  readonly span: TimeSpan;
}

function Curves({ curves, patient, span }: CurvesProps): ReactElement {
  const { t } = useTranslation("alerts");
  const { t: common } = useTranslation();
  const kinds = useMemo(() => curves.flatMap((curve) => curve.kinds), [curves]);
  const readings = useReadings(patient.id, { ...askedSpan(span), summary: undefined, kinds });
  if (readings.loading) return <Skeleton height={96} className="siphms-late" />;
  if (readings.error !== null) {
    return (
      <Text size="sm" role="alert">
        {t("curveFailed")}{" "}
        <Button variant="default" size="sm" onClick={readings.retry}>
          {common("error.retry")}
        </Button>
      </Text>
    );
  }
  return (
    <div className="siphms-alert-curves">
      {curves.map((curve) => (
        <Curve
          key={`${curve.kinds.join(" ")} ${curve.part}`}
          curve={curve}
          readings={readings}
          span={span}
        />
      ))}
    </div>
  );
}

/** One curve with its name, its time and its range in words: the drawing itself says nothing to those who listen. */
function Curve({
  curve: { kinds, part, limit },
  readings,
  span,
}: {
  readonly curve: AlertCurve;
  readonly readings: ShownReadings;
  readonly span: TimeSpan;
}): ReactElement | null {
  const { t } = useTranslation("alerts");
  const { t: common } = useTranslation();
  const kind = kinds.find((one) => readings.kinds.has(one)) ?? kinds[0];
  const samples = kind === undefined ? undefined : readings.kinds.get(kind);
  const { from, to } = span;
  const points = useMemo(
    () => curvePoints(samples ?? [], part, { from, to }),
    [samples, part, from, to],
  );
  if (kind === undefined) return null;
  const values = points.map(({ value }) => value);
  const range =
    points.length === 0
      ? t("curveEmpty")
      : t("curveRange", {
          low: withUnit(Math.min(...values), kind),
          high: withUnit(Math.max(...values), kind),
        });
  const name = partName({ kind, part }, { t, common });
  return (
    <figure className="siphms-alert-curve">
      <figcaption>
        {t("curve", { kind: name, from: shownTime(from, span), to: shownTime(to, span) })}: {range}
      </figcaption>
      {points.length === 0 ? null : (
        <Drawing
          points={points}
          span={span}
          colour={`var(--siphms-${curveName(kind)})`}
          {...(limit === undefined ? {} : { limit, limitText: withUnit(limit, kind) })}
        />
      )}
    </figure>
  );
}

/** Of a time within a day the hour is enough. */
function shownTime(at: number, { from, to }: TimeSpan): string {
  return to - from < DAY_MS ? formatTime(at) : formatInstant(at);
}

interface DrawingProps {
  readonly points: ReturnType<typeof curvePoints>;
  readonly span: TimeSpan;
  readonly colour: string;
  readonly limit?: number;
  readonly limitText?: string;
}

function Drawing({ points, span, colour, limit, limitText = "" }: DrawingProps): ReactElement {
  const { t } = useTranslation("alerts");
  const field = {
    ...{ ...FIELD, ...span, gapMs: sparkGap(points) },
    reach: limit === undefined ? [] : [limit],
  };
  const height = limit === undefined ? 0 : sparkHeight(points, field)(limit);
  return (
    <div className="siphms-alert-drawing">
      <svg
        viewBox={`0 0 ${FIELD.width} ${FIELD.height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {limit === undefined ? null : (
          <line
            x1="0"
            x2={FIELD.width}
            y1={height}
            y2={height}
            stroke={colour}
            strokeDasharray="4 4"
            vectorEffect="non-scaling-stroke"
          />
        )}
        <path
          d={sparkPath(points, field)}
          fill="none"
          stroke={colour}
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      {limit === undefined ? null : (
        <span
          className="siphms-alert-limit"
          dir="auto"
          style={{ top: `${String((height / FIELD.height) * 100)}%` }}
        >
          {t("curveLimit", { limit: limitText })}
        </span>
      )}
    </div>
  );
}
