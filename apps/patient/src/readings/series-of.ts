import type { Series } from "@siphms/messages";
import type { Kind, Origin, WireValue } from "@siphms/vitals";

/** One value with its time, before it becomes part of a series. */
export interface TimedValue {
  readonly at: number;
  readonly kind: Kind;
  readonly value: WireValue;
}

/** One series for each kind, each in the order of its times: what `record` takes; the engine splits what is too long. */
export function seriesOf(values: readonly TimedValue[], origin: Origin): readonly Series[] {
  const byKind = new Map<Kind, TimedValue[]>();
  for (const one of values) {
    const known = byKind.get(one.kind);
    if (known === undefined) byKind.set(one.kind, [one]);
    else known.push(one);
  }
  return [...byKind].map(([kind, unordered]): Series => {
    const ordered = unordered.toSorted((a, b) => a.at - b.at);
    const start = ordered[0]?.at ?? 0;
    const deltas = ordered.map(({ at }, index) => at - (ordered[index - 1]?.at ?? at));
    return { kind, start, deltas, values: ordered.map(({ value }) => value), origin };
  });
}
