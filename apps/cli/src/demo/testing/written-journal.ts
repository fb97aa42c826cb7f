import { bandOf } from "@siphms/alerts";
import type { AlertChange, News2, RuleKey } from "@siphms/alerts";
import { judge, kindInfo } from "@siphms/vitals";

import type { Recording } from "../recordings/recording.ts";
import { groupBy } from "../recordings/table.ts";
import type { AlertJournal } from "./alert-journal.ts";

const HOUR_MS = 3_600_000;
/** So long a value stands for NEWS2, and so long an artefact that is left out makes a difference. */
const STANDS_HOURS = 4;

/** A recording with the number of its first hour, and what a plan made of it. */
export interface Played {
  readonly recording: Recording;
  readonly firstHour: number;
  readonly journal: AlertJournal;
}

/**
 * Writes what a plan told of a patient: a line for each rule, with the hours at which it was raised (`w` warn, `u` urgent)
 * and over (`.`). Values that only brought an alert up to date are left out.
 */
export function writeAlerts({ recording, firstHour, journal }: Played): readonly string[] {
  const told = journal.changes.filter(({ change }) => change !== "updated");
  const rules = [...groupBy(told, ({ rule }) => rule)].sort(byRule);
  return [
    recording.record,
    ...rules.map(([rule, changes]) => {
      const times = changes.map((one) => `${hourOf(one.at, firstHour)}${markOf(one)}`);
      return `  ${rule} ${times.join(" ")}`;
    }),
  ];
}

function byRule([one]: readonly [RuleKey, unknown], [other]: readonly [RuleKey, unknown]): number {
  return one < other ? -1 : 1;
}

function hourOf(atMs: number, firstHour: number): string {
  return `${firstHour + Number((atMs / HOUR_MS).toFixed(2))}`;
}

function markOf(change: AlertChange): string {
  if (change.change === "over") return ".";
  return change.level === "urgent" ? "u" : "w";
}

/** What a published row says of the scores that stand. */
export interface PublishedScore {
  readonly parameters: number;
  readonly total: number;
  readonly band: string;
}

/** The same of a score of ours. */
export function publishedScoreOf(score: News2 | null): PublishedScore {
  const scores = Object.values(score?.subScores ?? {});
  const total = score?.total ?? 0;
  return { parameters: scores.length, total, band: bandOf(total, scores.includes(3)) };
}

/**
 * Writes an hour whose NEWS2 is another one than the published: both, and the artefacts of the hours before that are left out.
 *
 * @param hour - As the chart counts, from the recording's first hour on.
 */
export function writeDifference(
  { recording, firstHour }: Played,
  { hour, published, found }: { hour: number; published: PublishedScore; found: PublishedScore },
): string {
  const reasons = recording.samples.flatMap(({ kind, value, offsetMs }) => {
    const at = firstHour + offsetMs / HOUR_MS;
    if (at > hour || hour - at > STANDS_HOURS) return [];
    const judgement = judge(kind, value);
    if (judgement.verdict !== "implausible") return [];
    return [`${kindInfo(kind).name} of hour ${at}: ${judgement.reason}`];
  });
  const says = (score: PublishedScore): string =>
    `${score.total} of ${score.parameters} ${score.band}`;
  return `${recording.record} ${hour}: ${says(published)} -> ${says(found)}; ${reasons.join(", ")}`;
}
