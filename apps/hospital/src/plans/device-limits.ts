import { patientLimitsOf, type Plan } from "@siphms/alerts";
import type { PatientLimit } from "@siphms/messages";
import { fromClinical, kindByName, type Kind } from "@siphms/vitals";

const PARTS = { value: 0, systolic: 0, diastolic: 1, mean: 2 } as const;
const LEVELS = { warn: 0, urgent: 1 } as const;

/** A plan's limits as the patient's devices are told: one for each number and level, with both sides together. */
export function limitsForDevice(plan: Plan): readonly PatientLimit[] {
  return patientLimitsOf(plan).flatMap(({ kind: name, part, low, high, level }) => {
    const kind = kindByName(name)?.kind;
    if (kind === undefined) return [];
    const bound = (value: number | null) => (value === null ? null : toWire(kind, value));
    const sides = { low: bound(low), high: bound(high) };
    return [{ kind, part: PARTS[part], ...sides, level: LEVELS[level] }];
  });
}

/** A limit is one number, of a blood pressure too. */
function toWire(kind: Kind, bound: number): number {
  const wire = fromClinical(kind, kind === 2 ? [bound, null, null] : bound);
  const number = typeof wire === "number" ? wire : wire[0];
  if (number === null) throw new RangeError("bound: has no number on the wire");
  return number;
}
