import type { Finding } from "./alert.ts";
import { isKept, levelOf, rankOf } from "./limits.ts";
import type { Level, LimitRule } from "./plan.ts";
import type { Point } from "./quantity.ts";
import { note, type Draft, type LimitState } from "./state.ts";
import type { WatchedLimit } from "./watch-list.ts";

/** Takes in the newest value of a number. */
export function takeNewest(draft: Draft, watched: WatchedLimit, point: Point): void {
  const before = draft.limits.get(watched.key);
  if (before === undefined || before.level === "waiting") {
    begin(draft, watched, { point, before });
  } else {
    goOn(draft, watched, { point, before: before.level, at: point.at });
  }
}

/**
 * Takes in a value that came in time, but after a newer one.
 *
 * It can raise an alert, as it would have in its place, and never ends one: the newest value decides how things stand.
 */
export function takeOlder(
  draft: Draft,
  watched: WatchedLimit,
  { point, newest }: { point: Point; newest: Point },
): void {
  const before = draft.limits.get(watched.key);
  const level = levelOf(watched.rule, point.value);
  const standing = before === undefined || before.level === "waiting" ? null : before.level;
  if (level === null || rankOf(level) <= rankOf(standing)) return;
  // A newer value inside the limits has shown already that this one was not followed by a second.
  if (level === "warn" && before === undefined) return;
  raise(draft, watched, { level, point, at: point.at });
  goOn(draft, watched, { point: newest, before: level, at: newest.at });
}

/** Brings a limit into line with the newest value, after the plan was changed. Changes nothing where it was not. */
export function settle(draft: Draft, watched: WatchedLimit, newest: Point): void {
  const before = draft.limits.get(watched.key);
  const level = levelOf(watched.rule, newest.value);
  if (before === undefined || before.level === "waiting") {
    const isSame = level === null ? before === undefined : level === "warn" && before !== undefined;
    if (!isSame) begin(draft, watched, { point: newest, before: undefined });
    return;
  }
  if (level !== before.level) {
    goOn(draft, watched, { point: newest, before: before.level, at: draft.now });
  }
}

/** When a limit that waits for a second value has waited long enough; null for one that does not wait. */
export function waitsUntil({ rule }: WatchedLimit, state: LimitState | undefined): number | null {
  return state?.level === "waiting" ? state.at + rule.forMs : null;
}

/** Tells of the limits that have waited long enough by now. */
export function endWaiting(draft: Draft, watched: WatchedLimit, at: number): void {
  const state = draft.limits.get(watched.key);
  const due = waitsUntil(watched, state);
  if (state?.level !== "waiting" || due === null || due > at) return;
  raise(draft, watched, { level: "warn", point: state, at: due });
}

/** Ends what stands of a rule that the plan no longer has. */
export function dropLimit(draft: Draft, key: string): void {
  const isTold = draft.limits.get(key)?.level !== "waiting";
  draft.limits.delete(key);
  if (isTold) note(draft, { change: "over", rule: key, at: draft.now });
}

/** What is found in a value that is at or beyond a limit. */
export function limitFinding(rule: LimitRule, level: Level, value: number): Finding {
  const { kind, part, side } = rule;
  return { type: "limit", kind, part, side, value, limit: rule[level] ?? value };
}

function begin(
  draft: Draft,
  watched: WatchedLimit,
  { point, before }: { point: Point; before: LimitState | undefined },
): void {
  const { rule, key } = watched;
  const level = levelOf(rule, point.value);
  if (level === null) {
    draft.limits.delete(key);
  } else if (level === "urgent" || before !== undefined || rule.forMs === 0) {
    raise(draft, watched, { level, point, at: point.at });
  } else {
    draft.limits.set(key, { level: "waiting", value: point.value, at: point.at });
  }
}

function goOn(
  draft: Draft,
  watched: WatchedLimit,
  { point, before, at }: { point: Point; before: Level; at: number },
): void {
  const { rule, key } = watched;
  const level = levelOf(rule, point.value);
  if (rankOf(level) > rankOf(before)) {
    raise(draft, watched, { level: "urgent", point, at });
  } else if (level === before) {
    update(draft, watched, { level, point, at });
  } else if (before === "urgent" && !isKept(rule, rule.urgent, point.value)) {
    // Not far enough back: noise at the limit neither ends an alert nor rings twice.
  } else if (isKept(rule, rule.warn, point.value)) {
    draft.limits.delete(key);
    note(draft, { change: "over", rule: key, at });
  } else if (before === "urgent") {
    update(draft, watched, { level: "warn", point, at });
  }
}

interface Told {
  readonly level: Level;
  readonly point: Point;
  readonly at: number;
}

function raise(draft: Draft, { rule, key }: WatchedLimit, { level, point, at }: Told): void {
  draft.limits.set(key, { level });
  const finding = limitFinding(rule, level, point.value);
  note(draft, { change: "raised", rule: key, channel: "clinical", level, at, finding });
}

function update(draft: Draft, { rule, key }: WatchedLimit, { level, point, at }: Told): void {
  draft.limits.set(key, { level });
  const finding = limitFinding(rule, level, point.value);
  note(draft, { change: "updated", rule: key, level, at, finding });
}
