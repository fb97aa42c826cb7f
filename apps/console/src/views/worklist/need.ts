import type { AlertStand, ApiAlert, PatientSummary } from "@siphms/api";
import { isStale } from "../../live/stale.ts";
import { alertRank, isUnacknowledged } from "../alerts/alert-order.ts";

/**
 * Why somebody should look at a patient: an open alert of the patient, by its level, or of what measures them; no recent
 * value; nothing. `unknown`: the open alerts could not be had, so that nothing can be said.
 */
export type NeedLevel = "no-data" | "none" | "technical" | "unknown" | "urgent" | "warning";

/** A patient's need of somebody's attention. */
export interface Need {
  readonly level: NeedLevel;
  /** Open alerts, and those of them that nobody looks after yet. */
  readonly open: number;
  readonly waiting: number;
  /** Place of the most pressing alert, 0 first. */
  readonly rank: number;
  /** Points; 0 where there is no score: then the age of data decides. */
  readonly news2: number;
  /** No value is recent enough. */
  readonly isSilent: boolean;
  /** How many kinds have only a value that is too old. */
  readonly stale: number;
}

/** Behind every open alert. */
const NO_ALERT = 99;

/**
 * Works out a patient's need from the open alerts, the score and the age of the newest values.
 *
 * @param stand - Nothing where it is not known.
 * @param clinicalNow - The patient's clinical time, ms.
 */
export function needOf(
  { latest }: Pick<PatientSummary, "latest">,
  stand: AlertStand | undefined,
  clinicalNow: number,
): Need {
  const stale = latest.filter((value) => isStale(value, clinicalNow)).length;
  const isSilent = stale === latest.length;
  const open = stand?.open ?? [];
  return {
    level: stand === undefined ? "unknown" : levelOf(open, isSilent),
    open: open.length,
    waiting: open.filter(isUnacknowledged).length,
    rank: Math.min(NO_ALERT, ...open.map(alertRank)),
    news2: stand?.news2?.total ?? 0,
    isSilent,
    stale,
  };
}

function levelOf(open: readonly ApiAlert[], isSilent: boolean): NeedLevel {
  const clinical = open.filter(({ channel }) => channel === "clinical");
  if (clinical.some(({ level }) => level === "urgent")) return "urgent";
  if (clinical.length > 0) return "warning";
  if (open.length > 0) return "technical";
  return isSilent ? "no-data" : "none";
}

/** Orders needs: by the most pressing alert, then by the score, then those of whom nothing recent is known, then by what is old. */
export function compareNeeds(a: Need, b: Need): number {
  return (
    a.rank - b.rank ||
    b.news2 - a.news2 ||
    Number(b.isSilent) - Number(a.isSilent) ||
    b.stale - a.stale
  );
}
