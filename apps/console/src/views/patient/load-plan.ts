import type { SummarySpan } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import type { TimeSpan } from "./time-view.ts";

/** What to ask the hospital for. */
export interface LoadPlan extends TimeSpan {
  /** Asked for first, and shown where there are too many values to show each; nothing where there never are. */
  readonly summary: SummarySpan | undefined;
  /** All kinds where absent. */
  readonly kinds?: readonly KindName[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A third of a day at a value a second is what a chart draws at once. */
const SAMPLES_UP_TO_MS = 8 * HOUR_MS;
/** Bars of hours, as many as one answer holds. */
const HOURS_UP_TO_MS = 92 * DAY_MS;
/** The part that is asked for begins and ends at multiples of a share of these: panning a little asks for nothing. */
const UNITS_MS = [HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 366 * DAY_MS];
const BLOCKS_PER_UNIT = 4;

/** Plans what to ask for, so that one answer serves a while of panning, zooming and going on. */
export function loadPlan({ from, to }: TimeSpan): LoadPlan {
  const length = to - from;
  const unit = UNITS_MS.find((ms) => ms >= length) ?? length;
  const block = Math.ceil(unit / BLOCKS_PER_UNIT);
  return {
    from: Math.max(0, Math.floor(from / block) * block),
    to: Math.ceil((to + 1) / block) * block,
    summary: summaryFor(length),
  };
}

/** Plans for everything there is. */
export function wholePlan(now: number): LoadPlan {
  return { from: 0, to: Math.ceil((now + 1) / DAY_MS) * DAY_MS, summary: "day" };
}

function summaryFor(length: number): SummarySpan | undefined {
  if (length <= SAMPLES_UP_TO_MS) return undefined;
  return length <= HOURS_UP_TO_MS ? "hour" : "day";
}
