import { kindByName, type KindName } from "@siphms/vitals";
import { dropChange, takeChange } from "./change-step.ts";
import { devicesDue, watchDevices } from "./device-steps.ts";
import type { Evaluation, Input, Sample } from "./input.ts";
import { lateChanges } from "./late.ts";
import { dropLimit, endWaiting, settle, takeNewest, takeOlder, waitsUntil } from "./limit-step.ts";
import { dropNews2, news2At, news2Due, takeScore } from "./news2-step.ts";
import type { Plan } from "./plan.ts";
import { numbersOf, type Point, type Quantity } from "./quantity.ts";
import { closeDraft, openDraft, type Draft, type PatientState } from "./state.ts";
import { watchListOf, type WatchList } from "./watch-list.ts";

/**
 * Applies a plan to what has become known about a patient.
 *
 * Pure: the same plan, state and input give the same answer on every machine. Samples count in the order in which they were
 * taken, and between two of them time passes, so it makes no difference whether they come in one input or in several. Rules
 * that the plan no longer has end; new limits are held against the newest value.
 */
export function evaluate(plan: Plan, state: PatientState, input: Input): Evaluation {
  const list = watchListOf(plan);
  const draft = openDraft(state, input.now);
  const work: Work = { draft, plan, list };
  followPlan(work);
  const samples = inOrder(input.samples);
  takeSamples(work, samples);
  passTime(work, draft.now + 1);
  draft.at = draft.now;
  draft.changes.push(...lateChanges(plan, samples));
  watchDevices(draft, plan, input);
  return {
    state: closeDraft(draft),
    changes: draft.changes,
    news2: plan.news2 === null ? null : news2At(draft, plan.news2, draft.now),
    nextAt: least(clinicalDue(work), devicesDue(draft, plan, input.quietUntil)),
  };
}

interface Work {
  readonly draft: Draft;
  readonly plan: Plan;
  readonly list: WatchList;
}

/** Ends what the plan no longer has, and holds what it has against the newest values. */
function followPlan({ draft, plan, list }: Work): void {
  for (const key of draft.limits.keys()) if (!list.limits.has(key)) dropLimit(draft, key);
  for (const key of draft.changeStates.keys()) {
    if (!list.changes.has(key)) dropChange(draft, key);
  }
  if (plan.news2 === null) dropNews2(draft);
  else takeScore(draft, plan.news2, draft.at);
  for (const watched of list.limits.values()) {
    const newest = draft.latest[watched.quantity];
    if (newest !== undefined) settle(draft, watched, newest);
  }
}

function takeSamples(work: Work, samples: readonly Sample[]): void {
  const { draft } = work;
  // A late value was measured all the same: that there is none would not be true.
  for (const { kind, at } of samples) {
    const measuredAt = Math.min(at, draft.now);
    draft.measured[kind] = Math.max(measuredAt, draft.measured[kind] ?? measuredAt);
  }
  const inTime = samples.filter(({ late }) => !late);
  for (const [index, sample] of inTime.entries()) {
    // A clock that is ahead must not make its values the newest for as long as it was.
    const at = Math.min(sample.at, draft.now);
    passTime(work, at);
    draft.standing = undefined;
    for (const [quantity, value] of numbersOf(sample.kind, sample.value)) {
      takeNumber(work, quantity, { value, at });
    }
    // Values of one moment make one score.
    if (inTime[index + 1]?.at !== sample.at) scoreMoment(work, at);
  }
}

/** Scores a moment at its own time, and the present where it was looked at before the moment's values came. */
function scoreMoment({ draft, plan }: Work, at: number): void {
  if (plan.news2 === null) return;
  takeScore(draft, plan.news2, at);
  if (at < draft.at) takeScore(draft, plan.news2, draft.at);
}

function takeNumber({ draft, list }: Work, quantity: Quantity, point: Point): void {
  const newest = draft.latest[quantity];
  const isOlder = newest !== undefined && newest.at > point.at;
  for (const watched of list.limitsOf.get(quantity) ?? []) {
    if (isOlder) takeOlder(draft, watched, { point, newest });
    else takeNewest(draft, watched, point);
  }
  for (const watched of list.changesOf.get(quantity) ?? []) takeChange(draft, watched, point);
  if (!isOlder) draft.latest[quantity] = point;
}

/** Lets time pass up to a moment, exclusively: what comes due before it is told at its own time. */
function passTime(work: Work, upTo: number): void {
  const { draft, plan, list } = work;
  for (;;) {
    const due = clinicalDue(work);
    if (due === null || due >= upTo) break;
    draft.at = Math.max(draft.at, due);
    for (const key of draft.limits.keys()) {
      const watched = list.limits.get(key);
      if (watched !== undefined) endWaiting(draft, watched, due);
    }
    if (plan.news2 !== null) takeScore(draft, plan.news2, draft.at);
  }
  draft.at = Math.max(draft.at, Math.min(upTo, draft.now));
}

function clinicalDue({ draft, plan, list }: Work): number | null {
  let due: number | null = null;
  for (const [key, state] of draft.limits) {
    const watched = list.limits.get(key);
    if (watched !== undefined) due = least(due, waitsUntil(watched, state));
  }
  return plan.news2 === null ? due : least(due, news2Due(draft, plan.news2));
}

function least(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** In the order of their times; those of one moment by kind and value, so that it is always the same one. */
function inOrder(samples: readonly Sample[]): readonly Sample[] {
  return isInOrder(samples) ? samples : samples.toSorted(compare);
}

function isInOrder(samples: readonly Sample[]): boolean {
  for (let index = 1; index < samples.length; index++) {
    const [one, other] = [samples[index - 1], samples[index]];
    if (one !== undefined && other !== undefined && compare(one, other) > 0) return false;
  }
  return true;
}

function compare(one: Sample, other: Sample): number {
  if (one.at !== other.at) return one.at - other.at;
  const kinds = numberOf(one.kind) - numberOf(other.kind);
  if (kinds !== 0) return kinds;
  const [first, second] = [numbersOf(one.kind, one.value), numbersOf(other.kind, other.value)];
  for (let index = 0; index < 3; index++) {
    const difference = (first[index]?.[1] ?? 0) - (second[index]?.[1] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(one.late) - Number(other.late);
}

function numberOf(kind: KindName): number {
  return kindByName(kind)?.kind ?? 0;
}
