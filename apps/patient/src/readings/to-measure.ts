import { type Notice, readNoticeContent } from "@siphms/messages";
import type { Kind } from "@siphms/vitals";
import type { LatestValue } from "../journal/index.ts";

/** One thing that the patient should measure now, and why. */
export interface ToMeasure {
  /** `undefined`: everything that can be measured here. */
  readonly kind: Kind | undefined;
  /** The hospital asked for it, or it has not been measured for more than a day. */
  readonly reason: "asked" | "day-old";
  /** Until when the question makes sense, ms. */
  readonly until?: number;
}

const DAY_MS = 24 * 3_600_000;
/** What was last measured longer ago is not missed any more. */
const FORGOTTEN_MS = 14 * DAY_MS;
/** What is measured on purpose and not by the second. */
const ON_PURPOSE: ReadonlySet<Kind> = new Set<Kind>([2, 5, 6, 7]);

/**
 * What to measure next: first what the hospital asked for and nobody measured since, then what was measured on other days and not
 * today.
 */
export function toMeasure(
  notices: readonly Notice[],
  latest: readonly LatestValue[],
  now: number,
): readonly ToMeasure[] {
  const asked = notices.flatMap((notice) => askedFor(notice, latest, now));
  const due = latest
    .filter(({ kind, at }) => ON_PURPOSE.has(kind) && now - at > DAY_MS && now - at < FORGOTTEN_MS)
    .map(({ kind }): ToMeasure => ({ kind, reason: "day-old" }));
  const isFirst = (one: ToMeasure, index: number, all: readonly ToMeasure[]): boolean =>
    all.findIndex(({ kind }) => kind === one.kind) === index;
  return [...asked, ...due].filter(isFirst);
}

function askedFor(
  notice: Notice,
  latest: readonly LatestValue[],
  now: number,
): readonly ToMeasure[] {
  const content = readNoticeContent(notice);
  if (content.kind !== "measure-now") return [];
  const { kinds, until } = content;
  if (until !== undefined && until < now) return [];
  const ask = (kind: Kind | undefined): ToMeasure => {
    return { kind, reason: "asked", ...(until === undefined ? {} : { until }) };
  };
  const isOpen = (kind: Kind): boolean =>
    !latest.some((one) => one.kind === kind && one.at > notice.created && one.held === undefined);
  return kinds === undefined ? [ask(undefined)] : kinds.filter(isOpen).map(ask);
}
