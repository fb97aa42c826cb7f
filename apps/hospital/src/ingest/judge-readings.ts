import type { DemoClock } from "@siphms/api";
import { samples, type Outcome, type QuarantinedSample, type Readings } from "@siphms/messages";
import { judge, type QuarantineReason, type WireValue } from "@siphms/vitals";
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
  readonly reason?: string;
  /** Field 6 of the receipt; empty where `reason` holds for all. */
  readonly quarantined: readonly QuarantinedSample[];
  readonly samples: readonly StoredSample[];
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
  const judged = judgeSamples(readings, whole, context);
  const { quarantined } = judged;
  if (whole === undefined && quarantined.length > MAX_QUARANTINE_ENTRIES) {
    return summarise(judgeSamples(readings, TOO_MANY, context), TOO_MANY);
  }
  return summarise(judged, whole);
}

interface JudgedSamples {
  readonly samples: StoredSample[];
  readonly quarantined: QuarantinedSample[];
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

function judgeSamples(
  readings: Readings,
  whole: string | undefined,
  { demo, receivedAt }: JudgeContext,
): JudgedSamples {
  const judged: JudgedSamples = { samples: [], quarantined: [] };
  const clinicalReceipt = clinicalTime(demo, receivedAt);
  const latest = readings.created + SAMPLE_TOLERANCE_MS;
  for (const [seriesIndex, series] of readings.series.entries()) {
    const { kind, origin } = series;
    for (const { index, at, value, status } of samples(series)) {
      if (whole !== undefined) {
        judged.samples.push({ kind, at, value, origin, late: false, quarantined: whole });
        continue;
      }
      const judgement = judge(kind, value, status);
      const reason = at > latest ? "clock" : reasonOf(judgement);
      if (reason === undefined) {
        const shown: WireValue = judgement.verdict === "mean-dropped" ? judgement.value : value;
        const late = isLate(at, clinicalReceipt);
        judged.samples.push({ kind, at, value: shown, origin, late });
      } else {
        judged.samples.push({ kind, at, value, origin, late: false, quarantined: reason });
        judged.quarantined.push([seriesIndex, index, reason]);
      }
    }
  }
  return judged;
}

function reasonOf(judgement: ReturnType<typeof judge>): QuarantineReason | undefined {
  return judgement.verdict === "implausible" ? judgement.reason : undefined;
}

function summarise(
  { samples: all, quarantined }: JudgedSamples,
  whole: string | undefined,
): JudgedReadings {
  let startAt = Number.POSITIVE_INFINITY;
  let endAt = 0;
  let kinds = 0;
  let late = false;
  for (const sample of all) {
    startAt = Math.min(startAt, sample.at);
    endAt = Math.max(endAt, sample.at);
    kinds |= 1 << sample.kind;
    late ||= sample.late;
  }
  const times = { samples: all, startAt, endAt, kinds, late };
  if (whole !== undefined) return { ...times, outcome: 2, reason: whole, quarantined: [] };
  const outcome = quarantined.length === 0 ? 0 : quarantined.length < all.length ? 1 : 2;
  return { ...times, outcome, quarantined };
}
