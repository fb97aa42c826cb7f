import { samples, type Series } from "@siphms/messages";
import type { Kind, Origin, WireValue } from "@siphms/vitals";

/** What one series of an item holds, short enough to be kept for many items. */
export interface TrailSeries {
  readonly kind: Kind;
  readonly origin: Origin;
  readonly count: number;
  /** Time of the first sample, ms. */
  readonly start: number;
  /** Time of the last one, ms. */
  readonly end: number;
  readonly last: WireValue;
  readonly lastStatus?: number;
  /** Lowest and highest value, wire units; not for blood pressure. */
  readonly low?: number;
  readonly high?: number;
}

/**
 * Says for each item what it holds, from the series that were handed to `record` and the sizes of the items it made of them:
 * they hold the samples in the same order, none twice.
 */
export function contentOf(
  series: readonly Series[],
  sizes: readonly number[],
): readonly (readonly TrailSeries[])[] {
  const items: TrailSeries[][] = sizes.map(() => []);
  let item = 0;
  let room = sizes[0] ?? 0;
  for (const one of series) {
    let part: TrailSeries | undefined;
    for (const { at, value, status } of samples(one)) {
      while (room === 0 && item < sizes.length) {
        if (part !== undefined) items[item]?.push(part);
        part = undefined;
        room = sizes[++item] ?? 0;
      }
      part = extended(part, { kind: one.kind, origin: one.origin, at, value, status });
      room -= 1;
    }
    if (part !== undefined) items[item]?.push(part);
  }
  return items;
}

interface Next {
  readonly kind: Kind;
  readonly origin: Origin;
  readonly at: number;
  readonly value: WireValue;
  readonly status: number | undefined;
}

function extended(
  part: TrailSeries | undefined,
  { kind, origin, at, value, status }: Next,
): TrailSeries {
  return {
    kind,
    origin,
    count: (part?.count ?? 0) + 1,
    start: part?.start ?? at,
    end: at,
    last: value,
    ...(status === undefined ? {} : { lastStatus: status }),
    ...(typeof value === "number"
      ? { low: Math.min(part?.low ?? value, value), high: Math.max(part?.high ?? value, value) }
      : {}),
  };
}
