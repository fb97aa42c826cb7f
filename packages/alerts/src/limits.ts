import { KINDS, type KindName } from "@siphms/vitals";
import type { Level, LimitRule, Part, Plan } from "./plan.ts";

/** What decimal limits lose as binary fractions: 38.1 − 0.2 is not quite 37.9. */
const NOISE = 1e-9;

/** How much a level asks for: 0 for none. */
export function rankOf(level: Level | null): 0 | 1 | 2 {
  if (level === null) return 0;
  return level === "warn" ? 1 : 2;
}

/** Which of a rule's limits a number is at or beyond. */
export function levelOf(rule: LimitRule, number: number): Level | null {
  if (isBeyond(rule, rule.urgent, number)) return "urgent";
  return isBeyond(rule, rule.warn, number) ? "warn" : null;
}

function isBeyond({ side }: LimitRule, limit: number | null, number: number): boolean {
  if (limit === null) return false;
  return side === "high" ? number >= limit : number <= limit;
}

/** Whether a number is back inside a limit by as much as the rule asks for. A limit that is none is always kept. */
export function isKept(rule: LimitRule, limit: number | null, number: number): boolean {
  if (limit === null) return true;
  if (isBeyond(rule, limit, number)) return false;
  const inside = rule.side === "high" ? limit - number : number - limit;
  return inside >= rule.hysteresis - NOISE;
}

/** The limits of one number at one level, as the patient's own device is told them. Clinical units. */
export interface PatientLimit {
  readonly kind: KindName;
  readonly part: Part;
  readonly low: number | null;
  readonly high: number | null;
  readonly level: Level;
}

const KIND_ORDER: ReadonlyMap<KindName, number> = new Map(
  KINDS.map(({ name, kind }) => [name, kind]),
);
const PART_ORDER: readonly Part[] = ["value", "systolic", "diastolic", "mean"];

/**
 * The limits of a plan for the patient: both sides of a number together, one entry for each level that has a limit.
 *
 * In the order of kinds, numbers and levels (warnings first), whatever the order of the plan's rules.
 */
export function patientLimitsOf(plan: Plan): readonly PatientLimit[] {
  const limits = new Map<string, PatientLimit>();
  for (const rule of plan.limits) {
    for (const level of ["warn", "urgent"] as const) {
      const limit = rule[level];
      if (limit === null) continue;
      const { kind, part } = rule;
      const key = `${kind}:${part}:${level}`;
      const { low = null, high = null } = limits.get(key) ?? {};
      const both = rule.side === "low" ? { low: limit, high } : { low, high: limit };
      limits.set(key, { kind, part, ...both, level });
    }
  }
  return [...limits.values()].sort((one, other) => orderOf(one) - orderOf(other));
}

function orderOf({ kind, part, level }: PatientLimit): number {
  return (KIND_ORDER.get(kind) ?? 0) * 100 + PART_ORDER.indexOf(part) * 10 + rankOf(level);
}
