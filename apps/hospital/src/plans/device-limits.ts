import type { LimitRule, Plan } from "@siphms/alerts";
import type { PatientLimit } from "@siphms/messages";
import { fromClinical, kindByName, type Kind } from "@siphms/vitals";

const LEVELS = [
  { name: "warn", wire: 0 },
  { name: "urgent", wire: 1 },
] as const;
const PARTS = { value: 0, systolic: 0, diastolic: 1, mean: 2 } as const;

/** A plan's limits as the patient's devices are told: one for each number and level, with both sides together. */
export function limitsForDevice(plan: Plan): readonly PatientLimit[] {
  const found = new Map<string, PatientLimit>();
  for (const rule of plan.limits) {
    const kind = kindByName(rule.kind)?.kind;
    if (kind === undefined) continue;
    for (const level of LEVELS) {
      const bound = rule[level.name];
      if (bound === null) continue;
      const part = PARTS[rule.part];
      const key = `${String(kind)}/${String(part)}/${String(level.wire)}`;
      const known = found.get(key) ?? { kind, part, low: null, high: null, level: level.wire };
      found.set(key, { ...known, [rule.side]: toWire(kind, bound) });
    }
  }
  return [...found.values()];
}

/** A limit is one number, of a blood pressure too. */
function toWire(kind: Kind, bound: NonNullable<LimitRule["warn"]>): number {
  const wire = fromClinical(kind, kind === 2 ? [bound, null, null] : bound);
  const number = typeof wire === "number" ? wire : wire[0];
  if (number === null) throw new RangeError("bound: has no number on the wire");
  return number;
}
