import type { AlertStand, ApiAlert } from "@siphms/api";
import type { KindName } from "@siphms/vitals";

/**
 * How far up an alert belongs, 0 first: those of patients before those of devices, of each those that nobody looks after yet, of
 * these the urgent ones. However many batteries are low, they do not stand above a patient who is being looked after.
 */
export function alertRank({ acknowledged, channel, level }: ApiAlert): number {
  const ofChannel = channel === "technical" ? 4 : 0;
  const waiting = acknowledged === undefined ? 0 : 2;
  return ofChannel + waiting + (level === "urgent" ? 0 : 1);
}

/** Whether nobody has said yet that they look after it. */
export function isUnacknowledged({ acknowledged }: ApiAlert): boolean {
  return acknowledged === undefined;
}

/** Whether it is urgent and nobody has said yet that they look after it: as long as there is one, it is heard. */
export function isPressing(alert: ApiAlert): boolean {
  return alert.level === "urgent" && isUnacknowledged(alert);
}

/** What waits for somebody among open alerts. */
export interface Waiting {
  readonly count: number;
  /** Whether something urgent does. */
  readonly isPressing: boolean;
}

const WAITING = new WeakMap<readonly ApiAlert[], Waiting>();

/** Counts what waits, once for each list: everything that rings, counts or is titled asks at every change. */
export function waitingOf(alerts: readonly ApiAlert[]): Waiting {
  const known = WAITING.get(alerts);
  if (known !== undefined) return known;
  const counted = {
    count: alerts.filter(isUnacknowledged).length,
    isPressing: alerts.some(isPressing),
  };
  WAITING.set(alerts, counted);
  return counted;
}

/** Orders alerts: by rank, of equals the one first that has waited longest. */
export function compareAlerts(a: ApiAlert, b: ApiAlert): number {
  return alertRank(a) - alertRank(b) || a.raised - b.raised || Number(a.id) - Number(b.id);
}

/** The open alerts of one channel, in order: the two are never mixed up. */
export function ofChannel(
  alerts: readonly ApiAlert[],
  channel: ApiAlert["channel"],
): readonly ApiAlert[] {
  return alerts.filter((alert) => alert.channel === channel).sort(compareAlerts);
}

/** How far out the newest value of a kind is by the patient's own plan, as far as an alert says so that still holds. */
export type ValueLevel = "urgent" | "warning" | "within";

/** What the open alerts say of the newest value of one kind. */
export function valueLevel(stand: AlertStand | undefined, kind: KindName): ValueLevel {
  const levels = (stand?.open ?? [])
    .filter(({ finding, over }) => over === undefined && isOfValue(finding, kind))
    .map(({ level }) => level);
  if (levels.includes("urgent")) return "urgent";
  return levels.length > 0 ? "warning" : "within";
}

function isOfValue(finding: ApiAlert["finding"], kind: KindName): boolean {
  return (finding.type === "limit" || finding.type === "change") && finding.kind === kind;
}
