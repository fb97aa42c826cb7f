import type { HistoryParameters, HistoryResult } from "@siphms/messages";
import { samples } from "@siphms/messages";
import type { Kind } from "@siphms/vitals";
import type { ShownSample } from "./plot-points.ts";

/** How far back a record is shown. */
export type HistorySpan = "day" | "week" | "month";

/** What a span holds, newest last. */
export interface History {
  readonly samples: readonly ShownSample[];
  /** Everything before this was left out: there is more than can be shown at once. `undefined`: nothing was. */
  readonly cutBefore?: number;
}

const HOUR_MS = 3_600_000;
const SPAN_MS: Readonly<Record<HistorySpan, number>> = {
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 31 * 24 * HOUR_MS,
};
/** So many questions for each group of kinds: some twenty kilobytes each. */
const MAX_PAGES = 16;
/** What comes about once a second would push out of the answers what is measured twice a day: each group has its own. */
const GROUPS: readonly (readonly Kind[])[] = [
  [1, 3, 4, 11],
  [2, 5, 6, 7, 9, 10],
];

/** The first instant of a span, ms. */
export function spanStart(span: HistorySpan, now: number): number {
  return Math.max(0, now - SPAN_MS[span]);
}

/** The shortest time that a chart shows: in less of it one sees nothing but noise. */
const LEAST_WINDOW_MS = HOUR_MS / 4;
/** Room at both ends, in parts of what is shown. */
const MARGIN = 0.03;

/** The time that all charts of a span show together: from shortly before the first value, within the span, to now. */
export function shownWindow(
  found: readonly ShownSample[],
  span: HistorySpan,
  now: number,
): { readonly from: number; readonly to: number } {
  const first = found.reduce((least, { at }) => Math.min(least, at), now);
  const begin = Math.min(first - (now - first) * MARGIN, now - LEAST_WINDOW_MS);
  const from = Math.max(begin, spanStart(span, now));
  return { from, to: now + (now - from) * MARGIN };
}

/**
 * Reads a span of the own record from the hospital, beginning with the newest hour and going back in steps that grow while little
 * is found: a few questions where there is little, and always the newest where there is much.
 *
 * @param ask - `Device.history`, with its errors.
 * @param now - End of the span, ms.
 */
export async function readHistory(
  ask: (parameters: HistoryParameters) => Promise<HistoryResult>,
  span: HistorySpan,
  now: number,
): Promise<History> {
  const from = spanStart(span, now);
  const groups = await Promise.all(GROUPS.map((kinds) => readGroup(ask, kinds, { from, now })));
  const cuts = groups.flatMap(({ cutBefore }) => cutBefore ?? []);
  const found = groups.flatMap((group) => group.samples).sort((a, b) => a.at - b.at);
  return cuts.length === 0 ? { samples: found } : { samples: found, cutBefore: Math.max(...cuts) };
}

async function readGroup(
  ask: (parameters: HistoryParameters) => Promise<HistoryResult>,
  kinds: readonly Kind[],
  { from, now }: { readonly from: number; readonly now: number },
): Promise<History> {
  let pages = 0;
  let stepMs = HOUR_MS;
  // A clock may be up to a minute ahead of the end.
  let end = now + 60_000;
  const found: ShownSample[] = [];
  while (end > from) {
    const start = Math.max(from, end - stepMs);
    let next: number | undefined = start;
    const inWindow: ShownSample[] = [];
    while (next !== undefined) {
      // A window that is not read to its end would leave out its newest: it is left out as a whole.
      if (pages++ === MAX_PAGES) return { samples: found, cutBefore: end };
      const page: HistoryResult = await ask({ from: next, to: end, kinds });
      inWindow.push(...page.series.flatMap(shownOf));
      next = page.nextFrom !== undefined && page.nextFrom > next ? page.nextFrom : undefined;
    }
    found.push(...inWindow);
    if (inWindow.length < 100) stepMs *= 4;
    end = start;
  }
  return { samples: found };
}

function shownOf(series: HistoryResult["series"][number]): readonly ShownSample[] {
  const { kind, origin } = series;
  return [...samples(series)].map(({ at, value }) => ({ kind, at, value, origin }));
}
