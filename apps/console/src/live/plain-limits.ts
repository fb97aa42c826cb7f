import type { LatestValue } from "@siphms/api";
import type { KindName } from "@siphms/vitals";

/** How far a value is from what is usual: inside the limits, beyond those of a warning, beyond the urgent ones. */
export type LimitLevel = "within" | "warning" | "urgent";

/** A limit and everything beyond it: at least, or at most, so much; `Above` and `Below` leave the number itself out. */
interface Limits {
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly above?: number;
  readonly below?: number;
}

interface KindLimits {
  readonly warning: Limits;
  readonly urgent: Limits;
}

const HEART: KindLimits = {
  warning: { atMost: 50, atLeast: 91 },
  urgent: { atMost: 40, atLeast: 131 },
};
const SYSTOLIC: KindLimits = {
  warning: { atMost: 100, atLeast: 140 },
  urgent: { atMost: 90, above: 180 },
};
const DIASTOLIC: KindLimits = { warning: { atLeast: 90 }, urgent: { above: 120 } };
const LIMITS: Partial<Record<KindName, KindLimits>> = {
  "heart-rate": HEART,
  "pulse-rate": HEART,
  spo2: { warning: { atMost: 95 }, urgent: { atMost: 91 } },
  "respiratory-rate": {
    warning: { atMost: 11, atLeast: 21 },
    urgent: { atMost: 8, atLeast: 25 },
  },
  "body-temperature": {
    warning: { atMost: 36, atLeast: 38.1 },
    urgent: { atMost: 35, atLeast: 39.1 },
  },
  glucose: { warning: { below: 70, above: 180 }, urgent: { below: 54, above: 250 } },
};
/** Any level but alert (index 0 of A, C, V, P, U) is urgent. */
const CONSCIOUSNESS: KindLimits = { warning: {}, urgent: { atLeast: 1 } };

/**
 * Sets a value against plain limits: those of an adult at rest, the same for everybody.
 *
 * This orders a list and colours a number. It is no alarm: nothing is remembered, nobody is told, and no patient has limits of
 * their own. Alarm rules take its place.
 */
export function limitLevel({ kind, value }: Pick<LatestValue, "kind" | "value">): LimitLevel {
  if (typeof value !== "number") {
    const [systolic, diastolic] = value;
    return higherOf(levelOf(systolic, SYSTOLIC), levelOf(diastolic, DIASTOLIC));
  }
  return levelOf(value, kind === "consciousness" ? CONSCIOUSNESS : LIMITS[kind]);
}

function levelOf(value: number | null, limits: KindLimits | undefined): LimitLevel {
  if (value === null || limits === undefined) return "within";
  if (isBeyond(value, limits.urgent)) return "urgent";
  return isBeyond(value, limits.warning) ? "warning" : "within";
}

function isBeyond(value: number, limits: Limits): boolean {
  const { atMost = -Infinity, atLeast = Infinity, above = Infinity, below = -Infinity } = limits;
  return value <= atMost || value >= atLeast || value > above || value < below;
}

function higherOf(one: LimitLevel, other: LimitLevel): LimitLevel {
  if (one === "urgent" || other === "urgent") return "urgent";
  return one === "warning" ? one : other;
}
