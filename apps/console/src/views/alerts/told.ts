import type { ApiAlert, Told } from "@siphms/api";

/** Those who were told in one step: 0 whose patient it is, 1, 2 … whom it was handed on to. */
export interface ToldStep {
  readonly step: number;
  /** When the first of them was, ms. */
  readonly at: number;
  readonly told: readonly Told[];
}

/** Puts those who were told together by step, in the order of the steps. */
export function toldSteps(told: readonly Told[]): readonly ToldStep[] {
  const steps = new Map<number, Told[]>();
  for (const one of told) {
    const known = steps.get(one.step);
    if (known === undefined) steps.set(one.step, [one]);
    else known.push(one);
  }
  return [...steps]
    .sort(([a], [b]) => a - b)
    .map(([step, ones]) => ({ step, at: Math.min(...ones.map(({ at }) => at)), told: ones }));
}

/** When it is handed on next, while nobody looks after it; nothing where it is not. */
export function nextHandOn({
  acknowledged,
  resolved,
  nextStep,
}: Pick<ApiAlert, "acknowledged" | "nextStep" | "resolved">): number | undefined {
  return acknowledged === undefined && resolved === undefined ? nextStep : undefined;
}
