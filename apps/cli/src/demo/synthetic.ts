import { fromClinical } from "@siphms/vitals";
import type { Kind, KindName, PressureValue } from "@siphms/vitals";

import { unsafeSeededNumbers } from "./random.ts";
import { inOrder } from "./recordings/recording.ts";
import type { RecordedSample, Recording } from "./recordings/recording.ts";

/** What happens to an invented patient. */
export type Story = "normal" | "deteriorating" | "silent" | "artefacts";

/** What the plan for adults must say about a story: an urgent vital sign or score, or that nothing comes any more. */
export interface ExpectedAlert {
  readonly alert: KindName | "news2" | "silence";
  /** Not before this point of the story, ms. */
  readonly fromMs: number;
}

/** An invented patient's recording with the urgent alerts that it must raise, or its silence, and no others. */
export interface SyntheticRecording extends Recording {
  readonly story: Story;
  readonly expectedUrgent: readonly ExpectedAlert[];
}

const STORIES: readonly Story[] = ["normal", "deteriorating", "silent", "artefacts"];
const PATIENTS_PER_STORY = 3;
const HOUR_MS = 3_600_000;
const LENGTH_MS = 24 * HOUR_MS;
const STEP_MS = 5 * 60_000;
/** From here on the deteriorating patient gets worse, in a straight line to the end. */
const DECLINE_FROM_MS = 12 * HOUR_MS;
/** From here on the silent patient's device sends nothing. */
const SILENT_FROM_MS = 8 * HOUR_MS;
/** After so long that is told, by the plan for adults. */
const SILENCE_TOLD_AFTER_MS = 13 * HOUR_MS;

/** Vital signs of an invented person at rest. */
interface Body {
  readonly heartRate: number;
  readonly respiratoryRate: number;
  readonly spo2: number;
  readonly temperature: number;
  readonly systolic: number;
}

/**
 * How much the deteriorating patient's signs have changed in the end: whoever they began with, beyond every urgent limit for
 * adults, but for the temperature, which stays short of it.
 */
const DECLINE: Body = {
  heartRate: 75,
  respiratoryRate: 14,
  spo2: -10,
  temperature: 2,
  systolic: -48,
};

/**
 * Invents the demo's patients where no recordings are at hand: four stories, several patients each.
 *
 * @param seed - The same seed invents the same patients and values for ever.
 */
export function inventPatients(seed: number): readonly SyntheticRecording[] {
  return STORIES.flatMap((story, storyIndex) =>
    Array.from({ length: PATIENTS_PER_STORY }, (_, index) =>
      invent(story, index, seed + storyIndex * 1_000 + index),
    ),
  );
}

function invent(story: Story, index: number, seed: number): SyntheticRecording {
  const next = unsafeSeededNumbers(seed);
  const body: Body = {
    heartRate: 62 + next() * 16,
    respiratoryRate: 13 + next() * 4,
    spo2: 96.5 + next() * 2,
    temperature: 36.4 + next() * 0.5,
    systolic: 114 + next() * 16,
  };
  const age = 45 + Math.floor(next() * 40);
  const samples = timesOf(story).flatMap((offsetMs) => samplesAt(offsetMs, { story, body, next }));
  return {
    set: "synthetic",
    record: `${story}-${index + 1}`,
    source: "synthetic",
    age,
    sex: next() < 0.5 ? "F" : "M",
    problem: `Invented story: ${story}`,
    origin: 0,
    silentUntilMs: LENGTH_MS,
    samples: inOrder(samples),
    story,
    expectedUrgent: expectedOf(story),
  };
}

function timesOf(story: Story): readonly number[] {
  const end = story === "silent" ? SILENT_FROM_MS : LENGTH_MS;
  return Array.from({ length: Math.floor(end / STEP_MS) + 1 }, (_, index) => index * STEP_MS);
}

function expectedOf(story: Story): readonly ExpectedAlert[] {
  if (story === "silent") {
    return [{ alert: "silence", fromMs: SILENT_FROM_MS + SILENCE_TOLD_AFTER_MS }];
  }
  if (story !== "deteriorating") return [];
  const signs = ["heart-rate", "respiratory-rate", "spo2", "blood-pressure", "news2"] as const;
  return signs.map((alert) => ({ alert, fromMs: DECLINE_FROM_MS }));
}

interface Invention {
  readonly story: Story;
  readonly body: Body;
  readonly next: () => number;
}

function samplesAt(offsetMs: number, invention: Invention): readonly RecordedSample[] {
  const { story, next } = invention;
  const now = bodyAt(offsetMs, invention);
  const wave = (spread: number): number => (next() - 0.5) * spread;
  const sample = (kind: Kind, clinical: number | PressureValue): RecordedSample => ({
    offsetMs,
    kind,
    value: fromClinical(kind, clinical),
  });
  const often = [
    sample(1, now.heartRate + wave(6)),
    sample(3, Math.min(100, now.spo2 + wave(1.5))),
    sample(4, now.respiratoryRate + wave(2)),
  ];
  const hourly = [
    sample(5, now.temperature + wave(0.2)),
    sample(2, pressure(now.systolic + wave(8))),
  ];
  const whole = offsetMs % HOUR_MS === 0 ? [...often, ...hourly] : often;
  return story === "artefacts" ? whole.map((one) => spoil(one, next)) : whole;
}

function bodyAt(offsetMs: number, { story, body }: Invention): Body {
  if (story !== "deteriorating") return body;
  const part = Math.max(0, (offsetMs - DECLINE_FROM_MS) / (LENGTH_MS - DECLINE_FROM_MS));
  return {
    heartRate: body.heartRate + DECLINE.heartRate * part,
    respiratoryRate: body.respiratoryRate + DECLINE.respiratoryRate * part,
    spo2: body.spo2 + DECLINE.spo2 * part,
    temperature: body.temperature + DECLINE.temperature * part,
    systolic: body.systolic + DECLINE.systolic * part,
  };
}

function pressure(systolic: number): PressureValue {
  const diastolic = systolic * 0.62;
  return [systolic, diastolic, diastolic + (systolic - diastolic) / 3];
}

/** One value in ten is what loose sensors send: no signal, an exchanged pressure, a thermometer in °F. */
function spoil(sample: RecordedSample, next: () => number): RecordedSample {
  if (next() >= 0.1) return sample;
  const { kind, value } = sample;
  if (typeof value !== "number") return { ...sample, value: [value[1], value[0], value[2]] };
  return { ...sample, value: kind === 5 ? fromClinical(5, (value / 100) * 1.8 + 32) : 0 };
}
