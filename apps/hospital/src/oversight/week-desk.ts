import {
  REASON_LENGTH,
  type Activity,
  type ActivityFigure,
  type PersonActivity,
  type ReviewWeek,
} from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import { countOpenReviews } from "../access/index.ts";
import { appendAudit } from "../audit/index.ts";
import { readStaffNames } from "../staff/index.ts";
import type { FigurePorts } from "./figure-source.ts";
import { readActivity } from "./figures.ts";
import { standingOut, type Judged } from "./judge.ts";
import {
  auditNameOfWeek,
  findReviews,
  insertReview,
  openReviewNote,
  type KnownReview,
} from "./review-rows.ts";
import { listWeeks, type Week } from "./weeks.ts";

/** What saying that a week was looked through came to; but for `reviewed` nothing has changed. */
export type ReviewOutcome =
  | { readonly kind: "note-short" }
  | { readonly kind: "reviewed" }
  | { readonly kind: "reviewed-already" }
  | { readonly kind: "running" }
  | { readonly kind: "unknown" };

/** Each week's activity and its review (164.308(a)(1)(ii)(D)). */
export interface WeekDesk {
  /**
   * What everybody did in a week. Noted before it is answered.
   *
   * @param week - Without one the oldest that is over and not reviewed, else the present one.
   * @param actor - Who asks, as the audit log names them.
   * @returns `undefined` where there is no such week.
   */
  activity(week: string | undefined, actor: string): Promise<Activity | undefined>;
  /** Writes down that a week was looked through. Only when it is over, and once: nobody dates it back or changes it. */
  review(wanted: ReviewWeek, actor: string): Promise<ReviewOutcome>;
}

interface WeekPorts extends FigurePorts {
  readonly clock: Clock;
}

const SHOWN = "activity.shown";
const REVIEWED = "activity.reviewed";

/** Joins the weeks' activity with its storage. */
export function createWeekDesk(ports: WeekPorts): WeekDesk {
  return {
    activity: (week, actor) => show(week, actor, ports),
    review: (wanted, actor) => review(wanted, actor, ports),
  };
}

interface KnownWeek extends Week {
  readonly state: Activity["state"];
  readonly known: KnownReview | undefined;
}

async function readWeeks(ports: WeekPorts): Promise<readonly KnownWeek[]> {
  const { database, keyring, clock, timeZone } = ports;
  const now = clock.now();
  const weeks = await listWeeks(database, { now, timeZone });
  const reviews = await findReviews(
    database,
    keyring,
    weeks.map(({ week }) => week),
  );
  return weeks.map((week) => {
    const known = reviews.get(week.week);
    const state = known?.kind ?? (now < week.to ? "running" : "open");
    return { ...week, state, known };
  });
}

async function show(
  wanted: string | undefined,
  actor: string,
  ports: WeekPorts,
): Promise<Activity | undefined> {
  const { database, keyring, clock, timeZone } = ports;
  const weeks = await readWeeks(ports);
  const chosen =
    wanted === undefined
      ? (weeks.findLast(({ state }) => state === "altered" || state === "open") ?? weeks[0])
      : weeks.find(({ week }) => week === wanted);
  if (chosen === undefined) return undefined;
  const { week, from, to, state, known } = chosen;
  const people = await readActivity(chosen, ports);
  const openReviews = await countOpenReviews(database);
  const names = await readStaffNames(database, keyring);
  await database.withTransaction((tx) =>
    appendAudit(tx, [
      {
        ...{ at: clock.now(), event: SHOWN, actor, object: auditNameOfWeek(week) },
        ...{ action: "read", outcome: "done", purpose: "operations" },
      },
    ]),
  );
  return {
    ...{ week, from, to, state, timeZone, openReviews },
    people: people.map(describePerson),
    weeks: weeks.map((one) => ({ week: one.week, state: one.state })),
    ...(known?.kind === "reviewed"
      ? {
          review: {
            at: known.review.at,
            by: names.get(known.review.by) ?? known.review.by,
            note: openReviewNote(known.review, keyring),
            standingOut: known.review.standingOut,
          },
        }
      : {}),
  };
}

function describePerson({ actor, name, role, counts, limits }: Judged): PersonActivity {
  const of = (figure: ActivityFigure) => ({ count: counts[figure], limit: limits[figure] });
  return {
    actor,
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role }),
    figures: {
      records: of("records"),
      night: of("night"),
      emergencies: of("emergencies"),
      "no-relation": of("no-relation"),
      "same-name": of("same-name"),
      exports: of("exports"),
      "log-ins": of("log-ins"),
    },
  };
}

async function review(wanted: ReviewWeek, actor: string, ports: WeekPorts): Promise<ReviewOutcome> {
  const { database, keyring, clock } = ports;
  const note = wanted.note.trim();
  if (note.length < REASON_LENGTH.min) return { kind: "note-short" };
  const chosen = (await readWeeks(ports)).find(({ week }) => week === wanted.week);
  if (chosen === undefined) return { kind: "unknown" };
  if (chosen.state === "running") return { kind: "running" };
  const { known } = chosen;
  if (known?.kind === "reviewed") return { kind: "reviewed-already" };
  const people = await readActivity(chosen, ports);
  const outstanding = people.filter((person) => standingOut(person).length > 0).length;
  const openReviews = await countOpenReviews(database);
  return database.withTransaction(async (tx): Promise<ReviewOutcome> => {
    const at = clock.now();
    const version = (known?.version ?? 0) + 1;
    const row = { week: chosen.week, version, at, by: actor, standingOut: outstanding, note };
    if (!(await insertReview(tx, keyring, row))) return { kind: "reviewed-already" };
    await appendAudit(tx, [
      {
        ...{ at, event: REVIEWED, actor, object: auditNameOfWeek(chosen.week) },
        ...{ action: "create", outcome: "done", purpose: "operations", version },
        // What was typed stands sealed in the row: an audit entry holds no text.
        detail: { people: people.length, standingOut: outstanding, openReviews },
      },
    ]);
    return { kind: "reviewed" };
  });
}
