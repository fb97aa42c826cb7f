import { EMPTY_STATE, evaluate } from "@siphms/alerts";
import type { AlertChange, News2, Plan, Sample } from "@siphms/alerts";
import { judge, kindInfo, toClinical } from "@siphms/vitals";

import { lengthMs } from "../recordings/recording.ts";
import type { RecordedSample, Recording } from "../recordings/recording.ts";
import { groupBy } from "../recordings/table.ts";

const HOUR_MS = 3_600_000;

/** What a plan makes of a recording; times from the recording's beginning, ms. */
export interface AlertJournal {
  readonly changes: readonly AlertChange[];
  /** NEWS2 after the samples of each moment, and at each full hour. */
  readonly scores: ReadonlyMap<number, News2 | null>;
}

/**
 * Plays a recording to the evaluator as the hospital does: what stands in quarantine is left out, each moment is evaluated
 * when it comes, and whenever time alone changes something.
 *
 * @param endMs - Until when; by default as long as the recording lasts.
 */
export function alertJournal(
  recording: Recording,
  plan: Plan,
  endMs: number = lengthMs(recording),
): AlertJournal {
  const changes: AlertChange[] = [];
  const scores = new Map<number, News2 | null>();
  let state = EMPTY_STATE;
  let nextAt: number | null = null;
  const look = (now: number, samples: readonly Sample[], hasContact: boolean): News2 | null => {
    const contact = hasContact ? { contactAt: now } : {};
    const done = evaluate(plan, state, { now, samples, ...contact });
    changes.push(...done.changes);
    ({ state, nextAt } = done);
    return done.news2;
  };
  const passTime = (upTo: number): void => {
    while (nextAt !== null && nextAt < upTo) look(nextAt, [], false);
  };
  const moments = groupBy(recording.samples, ({ offsetMs }) => offsetMs);
  for (const at of [...new Set([...moments.keys(), ...hoursUpTo(endMs)])].sort(byNumber)) {
    passTime(at);
    const ofMoment = moments.get(at) ?? [];
    scores.set(at, look(at, ofMoment.flatMap(plausible), ofMoment.length > 0));
  }
  passTime(endMs + 1);
  return { changes, scores };
}

/** Charts have a row for each hour, those in which nothing was measured too. */
function hoursUpTo(endMs: number): readonly number[] {
  return Array.from({ length: Math.floor(endMs / HOUR_MS) + 1 }, (_, hour) => hour * HOUR_MS);
}

function byNumber(one: number, other: number): number {
  return one - other;
}

/** The sample as a doctor sees it; none where it stands in quarantine. */
export function plausible({ kind, value, offsetMs }: RecordedSample): readonly Sample[] {
  const judgement = judge(kind, value);
  if (judgement.verdict === "implausible") return [];
  const good = judgement.verdict === "mean-dropped" ? judgement.value : value;
  const { name } = kindInfo(kind);
  return [{ kind: name, at: offsetMs, value: toClinical(kind, good), late: false }];
}
