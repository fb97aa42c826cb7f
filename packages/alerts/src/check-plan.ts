import type { KindName } from "@siphms/vitals";
import type { LimitRule, Part, Plan } from "./plan.ts";
import { quantityOf, type Quantity } from "./quantity.ts";
import { changeKey, limitKey } from "./rule-keys.ts";

/**
 * What makes no sense in a plan.
 *
 * - `part`: the kind has no such number (only a blood pressure has parts), or no number that limits can be set to.
 * - `no-limit`: a limit of neither level.
 * - `order`: a warning that begins beyond the urgent limit, or a low limit that is not under the high one.
 * - `range`: a limit that no plausible value can reach, or a number that is none.
 * - `duplicate`: two rules for the same thing.
 * - `news2`: it warns only where it is urgent already, or forgets values at once.
 * - `time`: no time at all for a change, a measurement or a device, or more than a year.
 */
export interface PlanFault {
  readonly fault: "duplicate" | "news2" | "no-limit" | "order" | "part" | "range" | "time";
  /** Which rule, by its key or its place in the plan. */
  readonly rule: string;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** What plausible values can be (docs/reference/vital-signs.md, section 2): limits outside would never be reached. */
const HARD_RANGES: Readonly<Partial<Record<Quantity, Range>>> = {
  "heart-rate": { low: 20, high: 300 },
  "pulse-rate": { low: 20, high: 300 },
  systolic: { low: 40, high: 300 },
  diastolic: { low: 20, high: 200 },
  mean: { low: 25, high: 250 },
  spo2: { low: 50, high: 100 },
  "respiratory-rate": { low: 3, high: 70 },
  "body-temperature": { low: 30, high: 43 },
  glucose: { low: 10, high: 1000 },
  "body-weight": { low: 2, high: 400 },
  "rr-interval": { low: 200, high: 3000 },
  consciousness: { low: 0, high: 4 },
  "supplemental-oxygen": { low: 0, high: 80 },
};

const LEAST_MS = 60_000;
/** A leap year. What is longer is waited for by nobody, and a time that far ahead is no time of a database. */
const LONGEST_MS = 366 * 86_400_000;

/** Finds the first thing in a plan that makes no sense; `undefined` for one that can be watched. */
export function checkPlan(plan: Plan): PlanFault | undefined {
  return (
    checkLimits(plan) ??
    checkChanges(plan) ??
    checkNews2(plan) ??
    checkNoData(plan) ??
    checkDevice(plan)
  );
}

function checkLimits({ limits }: Plan): PlanFault | undefined {
  const seen = new Map<string, LimitRule>();
  for (const limit of limits) {
    const rule = limitKey(limit);
    const fault = seen.has(rule) ? "duplicate" : faultOfLimit(limit);
    if (fault !== undefined) return { fault, rule };
    seen.set(rule, limit);
  }
  for (const [rule, limit] of seen) {
    const other = limit.side === "low" ? seen.get(limitKey({ ...limit, side: "high" })) : undefined;
    if (other !== undefined && !isUnder(limit, other)) return { fault: "order", rule };
  }
  return undefined;
}

function faultOfLimit(limit: LimitRule): PlanFault["fault"] | undefined {
  const { warn, urgent, side, hysteresis, forMs } = limit;
  if (!hasPart(limit)) return "part";
  if (warn === null && urgent === null) return "no-limit";
  const range = HARD_RANGES[quantityOf(limit)];
  if (range === undefined) return "part";
  if ([warn, urgent].some((bound) => bound !== null && !isWithin(bound, range))) return "range";
  if (!(hysteresis >= 0) || hysteresis > range.high - range.low) return "range";
  if (!isWithin(forMs, { low: 0, high: LONGEST_MS })) return "time";
  if (warn === null || urgent === null) return undefined;
  return side === "high" ? orderFault(warn < urgent) : orderFault(warn > urgent);
}

function orderFault(isInOrder: boolean): "order" | undefined {
  return isInOrder ? undefined : "order";
}

/** Between the two sides values must remain that alert nobody. */
function isUnder(low: LimitRule, high: LimitRule): boolean {
  const top = Math.max(low.warn ?? -Infinity, low.urgent ?? -Infinity);
  return top < Math.min(high.warn ?? Infinity, high.urgent ?? Infinity);
}

function checkChanges({ changes }: Plan): PlanFault | undefined {
  const seen = new Set<string>();
  for (const change of changes) {
    const rule = changeKey(change);
    const range = HARD_RANGES[quantityOf(change)];
    if (seen.has(rule)) return { fault: "duplicate", rule };
    if (!hasPart(change) || range === undefined) return { fault: "part", rule };
    if (!(change.by > 0) || change.by > range.high - range.low) return { fault: "range", rule };
    if (!isTime(change.withinMs)) return { fault: "time", rule };
    seen.add(rule);
  }
  return undefined;
}

function checkNews2({ news2 }: Plan): PlanFault | undefined {
  if (news2 === null) return undefined;
  const { warnFrom, urgentFrom, carryForwardMs } = news2;
  const isScore = (score: number): boolean => Number.isInteger(score) && score >= 1 && score <= 20;
  const isGood = isScore(warnFrom) && isScore(urgentFrom) && warnFrom <= urgentFrom;
  return isGood && isTime(carryForwardMs) ? undefined : { fault: "news2", rule: "news2" };
}

function checkNoData({ noData }: Plan): PlanFault | undefined {
  const seen = new Set<KindName>();
  for (const { kind, afterMs } of noData) {
    const rule = `no-data:${kind}`;
    if (seen.has(kind)) return { fault: "duplicate", rule };
    if (!isTime(afterMs)) return { fault: "time", rule };
    seen.add(kind);
  }
  return undefined;
}

function checkDevice({ device: { silentAfterMs, batteryBelow } }: Plan): PlanFault | undefined {
  if (silentAfterMs !== null && !isTime(silentAfterMs)) return { fault: "time", rule: "silent" };
  if (batteryBelow !== null && !isWithin(batteryBelow, { low: 1, high: 100 }))
    return { fault: "range", rule: "battery" };
  return undefined;
}

function hasPart({ kind, part }: { kind: KindName; part: Part }): boolean {
  return (kind === "blood-pressure") === (part !== "value");
}

function isTime(ms: number): boolean {
  return isWithin(ms, { low: LEAST_MS, high: LONGEST_MS });
}

function isWithin(value: number, { low, high }: Range): boolean {
  return value >= low && value <= high;
}
