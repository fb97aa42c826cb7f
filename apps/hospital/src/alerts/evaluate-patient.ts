import { evaluate, type AlertChange, type Evaluation } from "@siphms/alerts";
import type { PatientCipher } from "../keys/index.ts";
import { clinicalTime, realTime } from "../patients/index.ts";
import { compareGaps, gapsDue } from "./gaps.ts";
import type { Gathered } from "./gather.ts";
import { NOTHING_REMEMBERED, openRemembered, type Remembered } from "./patient-state.ts";
import { readTold } from "./stored-input.ts";

/** A patient whose cells are open. */
export interface OpenPatient {
  readonly gathered: Gathered;
  readonly demo: NonNullable<Gathered["clock"]>["demo"];
  readonly cipher: PatientCipher;
  readonly remembered: Remembered;
  /** Whether what was remembered could not be opened: the patient begins anew, so that nobody stays unwatched. */
  readonly isStateLost: boolean;
}

/** What evaluating one patient came to. */
export interface PatientOutcome {
  readonly changes: readonly AlertChange[];
  readonly remembered: Remembered;
  /** Whether a screen that shows NEWS2 shows something else now. */
  readonly isScoreOther: boolean;
  /** Messages that could not be opened. */
  readonly unopened: number;
}

/** Nobody is due again sooner, */
const MIN_WAIT_MS = 250;
/** nor later: a look that comes too soon costs nothing, and no plan can name a time that the database cannot hold. */
const MAX_WAIT_MS = 24 * 3_600_000;

/** Opens what is remembered of a patient. */
export function openPatient(gathered: Gathered, cipher: PatientCipher): OpenPatient {
  const { clock, state } = gathered;
  // Where the row cannot be believed, the time is the real one: nobody is left unwatched for it.
  const shared = { gathered, demo: clock?.demo ?? null, cipher };
  if (state === undefined) {
    return { ...shared, remembered: NOTHING_REMEMBERED, isStateLost: false };
  }
  try {
    return { ...shared, remembered: openRemembered(cipher, state), isStateLost: false };
  } catch {
    return { ...shared, remembered: NOTHING_REMEMBERED, isStateLost: true };
  }
}

/**
 * Applies a patient's plan to what has become known. Touches no database.
 *
 * @param around.missing - Numbers that are missing in the patient's sessions; absent where nobody has looked.
 * @param around.quietUntil - Before this real time nobody is told of silence.
 */
export function evaluatePatient(
  { gathered, demo, cipher, remembered }: OpenPatient,
  around: {
    readonly now: number;
    readonly missing: readonly string[] | undefined;
    readonly quietUntil: number | undefined;
  },
): PatientOutcome {
  const { now, missing, quietUntil = 0 } = around;
  const told = readTold(gathered.batches, { cipher, demo });
  const compared = missing && compareGaps(remembered.gaps, missing, now);
  const heardAt = contactOf(told.contactAt, gathered.heardAt, (at) => clinicalTime(demo, at));
  const contactAt = gathered.hasDevice ? heardAt : null;
  const evaluation = evaluate(gathered.plan, remembered.state, {
    now: clinicalTime(demo, now),
    samples: told.samples,
    batteries: told.batteries,
    ...(contactAt === undefined ? {} : { contactAt }),
    ...(quietUntil > now ? { quietUntil: clinicalTime(demo, quietUntil) } : {}),
    ...(compared === undefined ? {} : { missing: compared.missing }),
  });
  const gaps = compared?.gaps ?? remembered.gaps;
  const clinicalDue = evaluation.nextAt === null ? null : realTime(demo, evaluation.nextAt);
  return {
    changes: evaluation.changes,
    remembered: {
      ...{ state: evaluation.state, news2: evaluation.news2, gaps },
      nextAt: within(earliest(clinicalDue, gapsDue(gaps)), now),
    },
    isScoreOther: scoreText(evaluation.news2) !== scoreText(remembered.news2),
    unopened: told.unopened,
  };
}

function within(at: number | null, now: number): number | null {
  if (at === null) return null;
  return Math.round(Math.min(Math.max(at, now + MIN_WAIT_MS), now + MAX_WAIT_MS));
}

function contactOf(
  messageAt: number | undefined,
  heardAt: number | undefined,
  clinical: (at: number) => number,
): number | undefined {
  const heard = heardAt === undefined ? undefined : clinical(heardAt);
  if (messageAt === undefined || heard === undefined) return messageAt ?? heard;
  return Math.max(messageAt, heard);
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** But for the age of what it rests on, which grows with each value. */
function scoreText(news2: Evaluation["news2"]): string {
  if (news2 === null) return "";
  const { total, subScores, missing, band } = news2;
  return JSON.stringify([total, subScores, missing, band]);
}
