import type { ChangeRule } from "./plan.ts";
import type { Point } from "./quantity.ts";
import { note, type Draft } from "./state.ts";
import type { WatchedChange } from "./watch-list.ts";

/** A change counts as gone once this much of what it takes is left, so that scales that waver do not ring each morning. */
const GONE_AT = 0.75;
const NOISE = 1e-9;
/** More points than this are thinned: they only say where a change may have begun. */
const MAX_POINTS = 128;

/** Takes in a value, of any age, of a number whose change is watched. */
export function takeChange(draft: Draft, watched: WatchedChange, point: Point): void {
  const { rule, key } = watched;
  const before = draft.changeStates.get(key) ?? { points: [], isRaised: false };
  const points = startingPoints([...before.points, point], rule);
  const from = points[0] ?? point;
  const to = points.at(-1) ?? point;
  const change = rule.direction === "rise" ? to.value - from.value : from.value - to.value;
  const isReached = change >= rule.by - NOISE;
  const isRaised = isReached || (before.isRaised && change >= rule.by * GONE_AT - NOISE);
  draft.changeStates.set(key, { points, isRaised });
  if (isReached) {
    const { kind, part, by, withinMs, level } = rule;
    const finding = { type: "change", kind, part, from, to, by, withinMs } as const;
    const told = { rule: key, level, at: to.at, finding };
    if (before.isRaised) note(draft, { change: "updated", ...told });
    else note(draft, { change: "raised", channel: "clinical", ...told });
  } else if (before.isRaised && !isRaised) {
    note(draft, { change: "over", rule: key, at: to.at });
  }
}

/** Ends what stands of a rule that the plan no longer has. */
export function dropChange(draft: Draft, key: string): void {
  const isTold = draft.changeStates.get(key)?.isRaised === true;
  draft.changeStates.delete(key);
  if (isTold) note(draft, { change: "over", rule: key, at: draft.now });
}

/**
 * The points within the time that the greatest change may start from, and the newest.
 *
 * For a rise that is a point lower than all after it: a later one that is as low serves as well, and for longer.
 */
function startingPoints(points: readonly Point[], rule: ChangeRule): readonly Point[] {
  const inOrder = points.toSorted((one, other) => one.at - other.at);
  const newest = inOrder.at(-1);
  if (newest === undefined) return [];
  const sign = rule.direction === "rise" ? 1 : -1;
  const kept: Point[] = [newest];
  let least = newest.value * sign;
  for (const point of inOrder.slice(0, -1).reverse()) {
    if (point.at < newest.at - rule.withinMs) break;
    if (point.value * sign >= least) continue;
    least = point.value * sign;
    kept.push({ value: point.value, at: point.at });
  }
  const result = kept.reverse();
  return result.length <= MAX_POINTS
    ? result
    : result.filter((_, index) => index % 2 === 0 || index === result.length - 1);
}
