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
  /** Nobody looks after an alert of just this level. */
  readonly isWaiting: boolean;
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
/** Below this a score is low and no single parameter is far out: one point comes and goes with each value, and moves nobody. */
const LEAST_TELLING_SCORE = 3;

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
  const level = stand === undefined ? "unknown" : levelOf(open, isSilent);
  return {
    level,
    isWaiting: open.some((alert) => isUnacknowledged(alert) && levelOfAlert(alert) === level),
    open: open.length,
    waiting: open.filter(isUnacknowledged).length,
    rank: Math.min(NO_ALERT, ...open.map(alertRank)),
    news2: stand?.news2?.total ?? 0,
    isSilent,
    stale,
  };
}

function levelOf(open: readonly ApiAlert[], isSilent: boolean): NeedLevel {
  const levels = open.map(levelOfAlert);
  const level = ALERT_LEVELS.find((one) => levels.includes(one));
  return level ?? (isSilent ? "no-data" : "none");
}

/** From the most pressing on. */
const ALERT_LEVELS = ["urgent", "warning", "technical"] as const;

function levelOfAlert({ channel, level }: ApiAlert): (typeof ALERT_LEVELS)[number] {
  if (channel === "technical") return "technical";
  return level === "urgent" ? "urgent" : "warning";
}

/** Orders needs: by the most pressing alert, then by the score, then those of whom nothing recent is known, then by what is old. */
export function compareNeeds(a: Need, b: Need): number {
  return (
    a.rank - b.rank ||
    standing(b.news2) - standing(a.news2) ||
    Number(b.isSilent) - Number(a.isSilent) ||
    b.stale - a.stale
  );
}

function standing(news2: number): number {
  return news2 < LEAST_TELLING_SCORE ? 0 : news2;
}
