import type { ApiAlert, ApiFinding, ApiSample } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import type { SparkPoint } from "@siphms/web-kit";
import type { TimeSpan } from "../patient/time-view.ts";

/** One curve beside an alert: of which number, and the limit that it passed, where there is one. */
export interface AlertCurve {
  /** The first of these that has values. */
  readonly kinds: readonly KindName[];
  readonly part: "diastolic" | "mean" | "systolic" | "value";
  readonly limit?: number;
}

const PARAMETER_CURVES: Readonly<Record<string, AlertCurve>> = {
  respiration: { kinds: ["respiratory-rate"], part: "value" },
  spo2: { kinds: ["spo2"], part: "value" },
  systolic: { kinds: ["blood-pressure"], part: "systolic" },
  pulse: { kinds: ["heart-rate", "pulse-rate"], part: "value" },
  temperature: { kinds: ["body-temperature"], part: "value" },
};

/** What to draw beside an alert: the number that it is about, or all that gave points to a score; nothing of a device. */
export function curvesOf(finding: ApiFinding): readonly AlertCurve[] {
  switch (finding.type) {
    case "limit":
      // Letters of a scale are no curve.
      if (finding.kind === "consciousness") return [];
      return [{ kinds: [finding.kind], part: finding.part, limit: finding.limit }];
    case "change":
      return [{ kinds: [finding.kind], part: finding.part }];
    case "no-data": {
      const part = finding.kind === "blood-pressure" ? "systolic" : "value";
      return [{ kinds: [finding.kind], part }];
    }
    case "news2":
      return Object.entries(PARAMETER_CURVES).flatMap(([name, curve]) =>
        pointsOf(finding, name) > 0 ? [curve] : [],
      );
    case "silent":
    case "gap":
    case "battery":
      return [];
  }
}

function pointsOf({ score }: Extract<ApiFinding, { readonly type: "news2" }>, name: string) {
  return Object.entries(score.subScores).find(([one]) => one === name)?.[1] ?? 0;
}

const HOUR_MS = 3_600_000;
const USUAL_MS = 2 * HOUR_MS;
/** Longer than any change that a plan can watch and somebody still wants to see beside an alert. */
const LONGEST_MS = 31 * 24 * HOUR_MS;
/** What is asked for begins and ends at these: a page that stands asks anew four times an hour. */
const BLOCK_MS = HOUR_MS / 4;

/**
 * The time that is drawn: the last two hours while it is so, those around it once it is over, those up to the last value
 * where none came since. A change that takes longer is drawn whole.
 *
 * @param now - The patient's clinical time, ms.
 */
export function curveSpan(
  { finding, at, over, late }: Pick<ApiAlert, "at" | "finding" | "late" | "over">,
  now: number,
): TimeSpan {
  const length =
    finding.type === "change" ? clamp(finding.withinMs * 1.25, USUAL_MS, LONGEST_MS) : USUAL_MS;
  if (finding.type === "no-data") return spanUpTo(finding.lastAt + length / 20, length);
  const isPast = over !== undefined || late;
  // A workstation's clock may be behind: what alerted is in sight all the same.
  const end = Math.max(now, at);
  return spanUpTo(isPast ? Math.min(end, at + length / 2) : end, length);
}

function spanUpTo(to: number, length: number): TimeSpan {
  return { from: Math.max(0, to - length), to };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** What to ask the hospital for, so that one answer serves while the time goes on. */
export function askedSpan({ from, to }: TimeSpan): TimeSpan {
  return {
    from: Math.floor(from / BLOCK_MS) * BLOCK_MS,
    to: Math.ceil((to + 1) / BLOCK_MS) * BLOCK_MS,
  };
}

const PARTS = { value: 0, systolic: 0, diastolic: 1, mean: 2 } as const;
/** More points than this nobody sees in a drawing as small as this one. */
const MAX_POINTS = 240;

/** The points of one curve: good values of one number inside of a time, thinned to what can be seen. */
export function curvePoints(
  samples: readonly ApiSample[],
  part: AlertCurve["part"],
  { from, to }: TimeSpan,
): readonly SparkPoint[] {
  const points = samples.flatMap(({ at, value, state }) => {
    if (state === "quarantined" || at < from || at > to) return [];
    const number = typeof value === "number" ? value : value[PARTS[part]];
    return number === null ? [] : { at, value: number };
  });
  return thinned(points);
}

/** Keeps the lowest and the highest point of each piece: a peak of one value is what an alert is about. */
function thinned(points: readonly SparkPoint[]): readonly SparkPoint[] {
  if (points.length <= MAX_POINTS) return points;
  const size = Math.ceil((2 * points.length) / MAX_POINTS);
  const kept: SparkPoint[] = [];
  for (let begin = 0; begin < points.length; begin += size) {
    const piece = points.slice(begin, begin + size);
    const low = piece.reduce((so, point) => (point.value < so.value ? point : so));
    const high = piece.reduce((so, point) => (point.value > so.value ? point : so));
    kept.push(...(low === high ? [low] : low.at <= high.at ? [low, high] : [high, low]));
  }
  return kept;
}
