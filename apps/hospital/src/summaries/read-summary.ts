import { MAX_SUMMARIES, type Summary, type SummarySpan } from "@siphms/api";
import { readStoredMessagesOf } from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { clinicalTime, type Patient } from "../patients/index.ts";
import { loadDecisions, type BatchSource } from "../records/index.ts";
import { closedUntil } from "./closing.ts";
import { describeSummaries } from "./describe.ts";
import { readBacklog } from "./due-hours.ts";
import { tallyHours } from "./raw-hours.ts";
import { loadHoursOfDays, loadSummaries, type Summaries } from "./stored-summaries.ts";
import { DAY_MS, HOUR_MS, joinTallies, type Tallies, type Tally } from "./tally.ts";
import { readTouchedHours } from "./touched-hours.ts";

/** Which periods are wanted: those that touch the range, `from` included and `to` not. */
export interface WantedSummary {
  readonly from: number;
  readonly to: number;
  readonly span: SummarySpan;
  /** Names of kinds; all when left out. */
  readonly kinds?: readonly string[];
  readonly now: number;
  /** Messages that may be opened for one answer. */
  readonly maxMessages?: number;
}

/** The summaries, or why there are none. */
export type SummaryOutcome =
  | { readonly kind: "summary"; readonly summary: Summary }
  /** More periods than one answer holds. */
  | { readonly kind: "too-many" }
  /** More is not in summaries yet than can be worked out for one answer. */
  | { readonly kind: "not-ready" };

/** About a third of a second. The open hours of a patient who sends one a minute hold 135. */
const MAX_MESSAGES = 10_000;
/** One more than an answer holds, so that too many are seen. */
const LIMIT = MAX_SUMMARIES + 1;
/** No sample that a hospital takes for good lies beyond. */
const END_OF_TIME = 2 ** 48;
/** The clocks of two of our programs, and of one before and after it was set, are no further apart than that. */
const CLOCK_SKEW_MS = 10 * 60_000;

/**
 * Reads hourly or daily summaries, and works out from the messages themselves what is not in them: the hours that are not
 * closed, those that are due, and those that something was stored for since the job ran. So the answer holds everything
 * that is stored when it is asked for.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` when a summary or a message was changed or moved.
 */
export async function readSummary(
  patient: Patient,
  query: WantedSummary,
  { database, keyring }: { readonly database: Database; readonly keyring: Keyring },
): Promise<SummaryOutcome> {
  const { id: patientId, demo } = patient;
  const cipher = await keyring.patientCipher(database, patientId);
  const range = wholePeriods(query);
  const { now, maxMessages = MAX_MESSAGES } = query;
  // First, so that what is made from here on is not missed in both.
  const asked = { queryable: database, patientId, demo, range, now, maxMessages };
  const unsettled = await readUnsettled(asked, keyring);
  // After it: whoever decides marks the hours that it touches in the same transaction.
  const decisions = await loadDecisions(database, keyring, patientId);
  const source: BatchSource = { queryable: database, cipher, patientId, demo, decisions };
  const raw = unsettled && (await tallyUnsettled(source, unsettled, { ...range, maxMessages }));
  if (unsettled === undefined || raw === undefined) return { kind: "not-ready" };
  const read = query.span === "hour" ? readHours : readDays;
  const periods = await read(source, range, { ...unsettled, raw });
  if (periods.size > MAX_SUMMARIES) return { kind: "too-many" };
  const series = describeSummaries(periods, query.kinds);
  return { kind: "summary", summary: { span: query.span, series } };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** What of a range is not in its summaries. */
interface Unsettled {
  /** Closed hours that hold more than their summary says, rising. */
  readonly due: ReadonlySet<number>;
  /** From this hour on nothing is closed. */
  readonly openFrom: number;
}

interface Asked extends Pick<BatchSource, "demo" | "patientId" | "queryable"> {
  readonly range: Range;
  readonly now: number;
  readonly maxMessages: number;
}

/** The same, with what its hours hold. */
interface Settled extends Unsettled {
  readonly raw: Summaries;
}

function wholePeriods({ from, to, span }: WantedSummary): Range {
  const length = span === "hour" ? HOUR_MS : DAY_MS;
  const end = Math.min(to, END_OF_TIME);
  return from >= end
    ? { from: 0, to: 0 }
    : { from: from - (from % length), to: Math.ceil(end / length) * length };
}

/** @returns `undefined` where more has been stored since the job ran than can be looked at. */
async function readUnsettled(
  { queryable, patientId, demo, range, now, maxMessages }: Asked,
  keyring: Keyring,
): Promise<Unsettled | undefined> {
  const { doneId, doneAt, due } = await readBacklog(queryable, patientId, range);
  const since = { after: doneId, since: doneAt - CLOCK_SKEW_MS, limit: maxMessages + 1 };
  const messages = await readStoredMessagesOf(queryable, patientId, since);
  if (messages.length > maxMessages) return undefined;
  const touched = await readTouchedHours(queryable, messages, keyring);
  const openFrom = closedUntil(clinicalTime(demo, now));
  const hours = [...due, ...(touched.hours.get(patientId) ?? [])].filter(
    (hour) => hour >= range.from && hour < Math.min(range.to, openFrom),
  );
  return { due: new Set(hours.sort((a, b) => a - b)), openFrom };
}

/** What the hours hold that are not settled; `undefined` where it would be too much to open. */
async function tallyUnsettled(
  source: BatchSource,
  { due, openFrom }: Unsettled,
  { from, to, maxMessages }: Range & { readonly maxMessages: number },
): Promise<Summaries | undefined> {
  const ranges: Range[] = [];
  for (const hour of due) {
    const touching = ranges.at(-1)?.to === hour ? ranges.pop() : undefined;
    ranges.push({ from: touching?.from ?? hour, to: hour + HOUR_MS });
  }
  if (openFrom < to) ranges.push({ from: Math.max(from, openFrom), to });
  const found = new Map<number, Tallies>();
  let left = maxMessages;
  for (const range of ranges) {
    const { hours, opened, isWhole } = await tallyHours(source, range, left);
    if (!isWhole) return undefined;
    left -= opened;
    for (const [hour, tallies] of hours) found.set(hour, tallies);
  }
  return found;
}

async function readHours(
  source: BatchSource,
  { from, to }: Range,
  { openFrom, raw }: Settled,
): Promise<Summaries> {
  const range = { span: "hour", from, to: Math.min(to, openFrom), limit: LIMIT } as const;
  const stored = await loadSummaries(source.queryable, source, range);
  return new Map([...stored, ...raw]);
}

/** Days with an hour that is not settled are joined from hours, all others stand there as a whole. */
async function readDays(
  source: BatchSource,
  { from, to }: Range,
  { due, openFrom, raw }: Settled,
): Promise<Summaries> {
  const openDay = dayOf(openFrom);
  const range = { span: "day", from, to: Math.min(to, openDay), limit: LIMIT } as const;
  const stored = await loadSummaries(source.queryable, source, range);
  const unsettled = new Set([...due].map(dayOf));
  if (openDay >= from && openDay < to) unsettled.add(openDay);
  const hours = await loadHoursOfDays(source.queryable, source, [...unsettled]);
  const settled = [...hours].filter(([hour]) => hour < openFrom && !due.has(hour));
  const days = new Map([...stored].filter(([day]) => !unsettled.has(day)));
  for (const [hour, tallies] of [...settled, ...raw]) {
    const known = days.get(dayOf(hour)) ?? new Map<number, Tally>();
    days.set(dayOf(hour), joinTallies(known.values(), tallies.values()));
  }
  return days;
}

function dayOf(hour: number): number {
  return hour - (hour % DAY_MS);
}
