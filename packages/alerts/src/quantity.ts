import type { KindName } from "@siphms/vitals";
import type { Part } from "./plan.ts";

/** One number that can be measured: a kind's only one, or one of the three of a blood pressure. */
export type Quantity = KindName | Exclude<Part, "value">;

/** One number as it was measured, and when. */
export interface Point {
  readonly value: number;
  readonly at: number;
}

const PRESSURE_PARTS = ["systolic", "diastolic", "mean"] as const;

/** Which number a rule is about. */
export function quantityOf({ kind, part }: { kind: KindName; part: Part }): Quantity {
  return part === "value" ? kind : part;
}

/** The numbers of one value, each by its name; those of a pressure that were not measured are left out. */
export function numbersOf(
  kind: KindName,
  value: number | readonly (number | null)[],
): readonly (readonly [Quantity, number])[] {
  if (typeof value === "number") return [[kind, value]];
  const numbers: (readonly [Quantity, number])[] = [];
  for (let index = 0; index < PRESSURE_PARTS.length; index++) {
    const part = PRESSURE_PARTS[index];
    const number = value[index];
    if (part !== undefined && typeof number === "number") numbers.push([part, number]);
  }
  return numbers;
}
