import type { DemoClock } from "@siphms/api";
import {
  samples,
  timeOf,
  type Outcome,
  type QuarantinedSample,
  type Readings,
  type Series,
} from "@siphms/messages";
import { judge, type Judgement, type QuarantineReason } from "@siphms/vitals";
import { clinicalTime } from "../patients/index.ts";
import { isLate } from "./late.ts";
import type { StoredSample } from "./ports.ts";

/** What readings are judged against. */
export interface JudgeContext {
  readonly binding: "pending" | "active";
  /** When the device was enrolled, ms. */
  readonly enrolledAt: number;
  /** When the envelope came, ms. */
  readonly receivedAt: number;
  /** The replay's clock of a demo patient: it alone decides lateness. */
  readonly demo: DemoClock | null;
}

/** What is to be stored and answered for one message of readings. */
export interface JudgedReadings {
  readonly outcome: Exclude<Outcome, 3>;
  /** Of the whole message, instead of `quarantined`. */
  readonly reason: string | undefined;
  /** Field 6 of the receipt; empty where `reason` holds for all. */
  readonly quarantined: readonly QuarantinedSample[];
  readonly sampleCount: number;
  /** The last good sample of each series that has one: in a series time never goes back. */
  readonly newest: readonly StoredSample[];
  /** Works out every sample, for those who ask: screens that are open. */
  readonly samples: () => readonly StoredSample[];
  readonly startAt: number;
  readonly endAt: number;
  /** Bit k for kind k. */
  readonly kinds: number;
  readonly late: boolean;
}

/** How far a device's clock may be ahead of ours, and how long before its enrolment it may have signed. */
const CLOCK_TOLERANCE_MS = 300_000;
/** How much later than its message's `created` a sample may be. */
const SAMPLE_TOLERANCE_MS = 60_000;
/**
 * Entries of field 6 that surely fit into an envelope with all else, and into one CBOR array. A message with more of them
 * goes into quarantine as a whole.
 */
const MAX_QUARANTINE_ENTRIES = 2000;
const TOO_MANY = "too-many-implausible";

/**
 * Judges the samples of one message by the rules of protocol section 6.
 *
 * Rules for the whole message come first: of a pending binding, or with a clock that is off, no sample is taken for good.
 * Of single samples none is ever dropped in silence: each implausible one is named in the receipt with its reason.
 */
export function judgeReadings(readings: Readings, context: JudgeContext): JudgedReadings {
  const whole = reasonForAll(readings, context);
  const judged = summarise(readings, whole, context);
  if (whole !== undefined || judged.quarantined.length <= MAX_QUARANTINE_ENTRIES) return judged;
  return summarise(readings, TOO_MANY, context);
}

/** How many of the samples stand in quarantine. */
export function quarantinedCount({ reason, quarantined, sampleCount }: JudgedReadings): number {
  return reason === undefined ? quarantined.length : sampleCount;
}

function reasonForAll(
  { created }: Readings,
  { binding, enrolledAt, receivedAt }: JudgeContext,
): QuarantineReason | undefined {
  if (binding === "pending") return "binding-pending";
  const isAhead = created > receivedAt + CLOCK_TOLERANCE_MS;
  const isBeforeEnrolment = created < enrolledAt - CLOCK_TOLERANCE_MS;
  return isAhead || isBeforeEnrolment ? "clock" : undefined;
}

/** What single samples are judged against. */
interface SampleRules {
  /** Of the whole message: then it holds for every sample. */
  readonly whole: string | undefined;
  /** The latest time that a sample may have, ms. */
  readonly latest: number;
  /** When the message came, by the patient's clock, ms. */
  readonly clinicalReceipt: number;
}

/** Why one sample goes into quarantine; undefined for a good one. */
function reasonOf(series: Series, { index, at }: Place, rules: SampleRules): string | undefined {
  if (rules.whole !== undefined) return rules.whole;
  if (at > rules.latest) return "clock";
  const judgement = judgeAt(series, index);
  return judgement.verdict === "implausible" ? judgement.reason : undefined;
}

interface Place {
  readonly index: number;
  readonly at: number;
}

function judgeAt({ kind, values, status }: Series, index: number): Judgement {
  return judge(kind, values[index] ?? 0, status?.[index]);
}

function describe(series: Series, { index, at }: Place, rules: SampleRules): StoredSample {
  const { kind, origin } = series;
  const value = series.values[index] ?? 0;
  const quarantined = reasonOf(series, { index, at }, rules);
  if (quarantined !== undefined) return { kind, at, value, origin, late: false, quarantined };
  const judgement = judgeAt(series, index);
  const shown = judgement.verdict === "mean-dropped" ? judgement.value : value;
  return { kind, at, value: shown, origin, late: isLate(at, rules.clinicalReceipt) };
}

function describeAll(readings: Readings, rules: SampleRules): readonly StoredSample[] {
  return readings.series.flatMap((series) =>
    [...samples(series)].map((place) => describe(series, place, rules)),
  );
}

/** Goes through thousands of samples a second: no object is made for a sample that is as it should be. */
function summarise(
  readings: Readings,
  whole: string | undefined,
  { demo, receivedAt }: JudgeContext,
): JudgedReadings {
  const latest = readings.created + SAMPLE_TOLERANCE_MS;
  const rules: SampleRules = { whole, latest, clinicalReceipt: clinicalTime(demo, receivedAt) };
  let startAt = Number.POSITIVE_INFINITY;
  let endAt = 0;
  let kinds = 0;
  let sampleCount = 0;
  let late = false;
  const quarantined: QuarantinedSample[] = [];
  const newest: StoredSample[] = [];
  const place = { index: 0, at: 0 };
  for (const [seriesIndex, series] of readings.series.entries()) {
    kinds |= 1 << series.kind;
    sampleCount += series.values.length;
    const lastGood = { index: -1, at: 0 };
    for (let index = 0; index < series.values.length; index++) {
      place.index = index;
      place.at = timeOf(series, index, place.at);
      startAt = Math.min(startAt, place.at);
      endAt = Math.max(endAt, place.at);
      const reason = reasonOf(series, place, rules);
      if (reason !== undefined) {
        if (whole === undefined) quarantined.push([seriesIndex, index, reason]);
        continue;
      }
      late ||= isLate(place.at, rules.clinicalReceipt);
      lastGood.index = index;
      lastGood.at = place.at;
    }
    if (lastGood.index >= 0) newest.push(describe(series, lastGood, rules));
  }
  const outcome = quarantined.length === 0 ? 0 : quarantined.length < sampleCount ? 1 : 2;
  return {
    outcome: whole === undefined ? outcome : 2,
    reason: whole,
    quarantined,
    sampleCount,
    newest,
    samples: () => describeAll(readings, rules),
    startAt,
    endAt,
    kinds,
    late,
  };
}
