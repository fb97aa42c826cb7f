import type { PatientSummary } from "@siphms/api";
import { limitLevel } from "../../live/plain-limits.ts";
import { isStale } from "../../live/stale.ts";

/** Why somebody should look at a patient, from the most pressing reason to none. */
export const NEED_LEVELS = ["urgent", "warning", "no-data", "within"] as const;

/** One of {@link NEED_LEVELS}. */
export type NeedLevel = (typeof NEED_LEVELS)[number];

/** A patient's need of somebody's attention, by plain limits and the age of data; no alarm. */
export interface Need {
  readonly level: NeedLevel;
  /** How many values are as far out as `level` says. */
  readonly beyond: number;
  /** How many kinds have only a value that is too old. */
  readonly stale: number;
}

/** A value outside its limits counts until it is this old, though it fades before: that nothing newer came is no comfort. */
const COUNTS_FOR_MS = 24 * 3_600_000;

/** Works out a patient's need from the newest values. @param clinicalNow - The patient's clinical time, ms. */
export function needOf({ latest }: Pick<PatientSummary, "latest">, clinicalNow: number): Need {
  const stale = latest.filter((value) => isStale(value, clinicalNow)).length;
  const counted = latest.filter(({ at }) => clinicalNow - at <= COUNTS_FOR_MS);
  for (const level of ["urgent", "warning"] as const) {
    const beyond = counted.filter((value) => limitLevel(value) === level).length;
    if (beyond > 0) return { level, beyond, stale };
  }
  const level = stale === latest.length ? "no-data" : "within";
  return { level, beyond: 0, stale };
}

/** Orders needs: the pressing first, of equals the one with more values outside, then with more that are old. */
export function compareNeeds(a: Need, b: Need): number {
  const rank = NEED_LEVELS.indexOf(a.level) - NEED_LEVELS.indexOf(b.level);
  return rank || b.beyond - a.beyond || b.stale - a.stale;
}
