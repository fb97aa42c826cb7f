import type { TrailEntry } from "../journal/index.ts";
import type { ShownSample } from "./plot-points.ts";

/**
 * What the hospital put into quarantine in a span, as far as this phone remembers it: the hospital's history leaves these values
 * out. Of a series the last value alone is known.
 */
export function heldSamples(
  entries: readonly TrailEntry[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly ShownSample[] {
  return entries.flatMap(({ series = [], receipt }) =>
    series.flatMap(({ kind, end, last, origin }, index): readonly ShownSample[] => {
      const held = receipt?.lastHeld[index];
      if (held === undefined || held === null || end < from || end > to || kind === 8) return [];
      return [{ kind, at: end, value: last, origin, held }];
    }),
  );
}
