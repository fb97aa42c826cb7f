import type { News2 } from "./alert.ts";
import { rankOf } from "./limits.ts";
import { scoreNews2, type News2Values } from "./news2.ts";
import type { Level, News2Rule } from "./plan.ts";
import type { Point } from "./quantity.ts";
import { note, type Draft, type News2State } from "./state.ts";

/** A score must have been lower for so long before it counts as lower: one that wavers at an edge does not ring twice. */
const SETTLES_MS = 15 * 60_000;
const RULE = "news2";

/** NEWS2 of the values that stand at a time, which is not earlier than the one asked for before, unless values came since. */
export function news2At(draft: Draft, rule: News2Rule, at: number): News2 | null {
  return standingAt(draft, rule, at).score;
}

/** Takes in the score as it is at a time. A partial one raises, as the lower bound that it is, and never clears. */
export function takeScore(draft: Draft, rule: News2Rule, at: number): void {
  const score = news2At(draft, rule, at);
  const level = score === null ? null : alertLevelOf(score, rule);
  const before = draft.news2;
  if (score !== null && level !== null && rankOf(level) > rankOf(before?.now ?? null)) {
    raise(draft, score, { level, at });
  } else if (before !== null) {
    const after = followLower(before, level, at);
    draft.news2 = score === null ? after : stand(draft, after, { score, at });
  }
}

/** Ends the alert where NEWS2 is no longer scored. */
export function dropNews2(draft: Draft): void {
  if (draft.news2 === null) return;
  draft.news2 = null;
  note(draft, { change: "over", rule: RULE, at: draft.now });
}

/** When time alone changes the score or what stands of it next; null for never. */
export function news2Due(draft: Draft, rule: News2Rule): number | null {
  const { until } = standingAt(draft, rule, draft.at);
  const since = draft.news2?.lowerSince ?? null;
  const due = since === null ? until : Math.min(until, since + SETTLES_MS);
  return due === Infinity ? null : due;
}

/** What a score asks for. */
export function alertLevelOf({ total, subScores }: News2, rule: News2Rule): Level | null {
  if (total >= rule.urgentFrom) return "urgent";
  const hasThree = rule.singleThree !== null && Object.values(subScores).includes(3);
  if (hasThree && rule.singleThree === "urgent") return "urgent";
  return total >= rule.warnFrom || hasThree ? "warn" : null;
}

/** Lets a lower level count once it has lasted. */
function followLower(before: News2State, level: Level | null, at: number): News2State {
  if (rankOf(level) >= rankOf(before.now)) return { ...before, lowerSince: null };
  const lowerSince = before.lowerSince ?? at;
  if (at - lowerSince < SETTLES_MS) return { ...before, lowerSince };
  return { ...before, now: level, lowerSince: null };
}

/** The same level, or a lower one that only a full score may tell. */
function stand(
  draft: Draft,
  state: News2State,
  { score, at }: { score: News2; at: number },
): News2State | null {
  const isFull = score.missing.length === 0;
  const finding = { type: "news2", score } as const;
  if (isFull && state.now === null) {
    note(draft, { change: "over", rule: RULE, at });
    return null;
  }
  const told = isFull && state.now !== null ? state.now : state.told;
  const shown = shownOf(score);
  if (told !== state.told || shown !== state.shown) {
    note(draft, { change: "updated", rule: RULE, level: told, at, finding });
  }
  return { ...state, told, shown };
}

function raise(draft: Draft, score: News2, { level, at }: { level: Level; at: number }): void {
  draft.news2 = { told: level, now: level, lowerSince: null, shown: shownOf(score) };
  const finding = { type: "news2", score } as const;
  note(draft, { change: "raised", rule: RULE, channel: "clinical", level, at, finding });
}

function shownOf({ total, missing }: News2): string {
  return `${total} ${missing.join(" ")}`;
}

function standingAt(
  draft: Draft,
  rule: News2Rule,
  at: number,
): { readonly score: News2 | null; readonly until: number } {
  const known = draft.standing;
  if (known !== undefined && at < known.until) return known;
  let until = Infinity;
  const standing = (point: Point | undefined): Point | undefined => {
    if (point === undefined || at - point.at > rule.carryForwardMs) return undefined;
    until = Math.min(until, point.at + rule.carryForwardMs + 1);
    return point;
  };
  const { latest } = draft;
  const heart = standing(latest["heart-rate"]);
  const pulse = standing(latest["pulse-rate"]);
  const values: News2Values = {
    respiration: standing(latest["respiratory-rate"]),
    spo2: standing(latest.spo2),
    oxygen: standing(latest["supplemental-oxygen"]),
    systolic: standing(latest.systolic),
    // The newer of the two; an electrode's at the same time, which counts beats and not waves.
    pulse: heart === undefined || (pulse !== undefined && pulse.at > heart.at) ? pulse : heart,
    consciousness: standing(latest.consciousness),
    temperature: standing(latest["body-temperature"]),
  };
  draft.standing = { score: scoreNews2(values, rule.spo2Scale), until };
  return draft.standing;
}
