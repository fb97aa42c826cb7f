import type { Kind, Origin, WireValue } from "@siphms/vitals";

/** One measured value of a recording, at a distance from the recording's beginning. */
export interface RecordedSample {
  readonly offsetMs: number;
  readonly kind: Kind;
  readonly value: WireValue;
}

/** What one demo patient's device will send: a recording of a data set, or a story of the generator. */
export interface Recording {
  /** Name of the data set's folder, or `synthetic`. */
  readonly set: string;
  /** The subject's name inside its set. */
  readonly record: string;
  readonly source: "recorded" | "synthetic";
  /** In years; absent where the data set does not say. */
  readonly age?: number;
  readonly sex: "F" | "M" | "X";
  /** The data set's own label of the subject. */
  readonly problem: string;
  readonly origin: Origin;
  /** Where the story goes on after the last sample, in silence. */
  readonly silentUntilMs?: number;
  /** In order of time. */
  readonly samples: readonly RecordedSample[];
}

/** Puts samples in order of time; those of one time keep the order in which they were read. */
export function inOrder(samples: readonly RecordedSample[]): readonly RecordedSample[] {
  return samples.toSorted((a, b) => a.offsetMs - b.offsetMs);
}

/** How long a recording lasts from its beginning, in ms. */
export function lengthMs(recording: Recording): number {
  return recording.silentUntilMs ?? recording.samples.at(-1)?.offsetMs ?? 0;
}

/** The medical record number of a recording's demo patient. */
export function demoMrn(recording: Recording): string {
  // The set with a single subject is already named for it.
  const named = recording.set.endsWith(`-${recording.record}`);
  return named ? `DEMO-${recording.set}` : `DEMO-${recording.set}-${recording.record}`;
}
