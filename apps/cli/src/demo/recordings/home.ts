import path from "node:path";

import { fromClinical } from "@siphms/vitals";

import { inOrder } from "./recording.ts";
import type { RecordedSample, Recording } from "./recording.ts";
import { numberIn, pressureIn, readTable, sampleIn } from "./table.ts";
import type { Row } from "./table.ts";

const NOON_MS = 12 * 3_600_000;

/** A sample at its own time, before the recording's beginning is known. */
interface TimedSample {
  readonly at: number;
  readonly sample: RecordedSample;
}

/**
 * Reads what people measured at home, for those who measured their blood pressure: pressures, heart rate and intervals of
 * a finger measurement, and the daily values of a wearable.
 */
export async function readHome(folder: string): Promise<readonly Recording[]> {
  const table = (name: string): Promise<readonly Row[]> => readTable(path.join(folder, name));
  const [people, pressures, intervals, days] = await Promise.all([
    table("participants.csv"),
    table("blood_pressure.csv"),
    table("hrv_measurements.csv"),
    table("wearables_daily.csv"),
  ]);
  const users = [...new Set(pressures.map((row) => row["user_code"] ?? ""))];
  const of = (rows: readonly Row[], user: string): readonly Row[] =>
    rows.filter((row) => row["user_code"] === user);
  return users.map((user) =>
    recordingOf(user, of(people, user)[0] ?? {}, [
      ...of(pressures, user).flatMap(pressureAt),
      ...of(intervals, user).flatMap(beatsAt),
      ...of(days, user).flatMap(dayAt),
    ]),
  );
}

function recordingOf(user: string, person: Row, timed: readonly TimedSample[]): Recording {
  const begin = timed.reduce((earliest, { at }) => Math.min(earliest, at), Infinity);
  const age = middleOf(person["age_range"] ?? "");
  return {
    set: "home2020",
    record: user,
    source: "recorded",
    ...(age === undefined ? {} : { age }),
    sex: person["gender"] === "f" ? "F" : person["gender"] === "m" ? "M" : "X",
    problem:
      (person["symptoms_onset"] ?? "") === "" ? "Home monitoring" : "Home monitoring, COVID-19",
    origin: 2,
    samples: inOrder(timed.map(({ at, sample }) => ({ ...sample, offsetMs: at - begin }))),
  };
}

function pressureAt(row: Row): readonly TimedSample[] {
  const at = timeOf(row["measurement_datetime"]);
  // The set has no mean.
  return timed(at, pressureIn(row, ["systolic", "diastolic", "mean"], 0));
}

function beatsAt(row: Row): readonly TimedSample[] {
  const begin = timeOf(row["measurement_datetime"]);
  if (begin === undefined) return [];
  let at = begin;
  const beats = (row["rr_data"] ?? "").split(",").map(Number);
  const intervals = beats
    .filter((interval) => interval > 0)
    .map((interval): TimedSample => {
      at += interval;
      return { at, sample: { offsetMs: 0, kind: 8, value: fromClinical(8, interval) } };
    });
  return [...timed(begin, sampleIn(row, "bpm", { kind: 1, offsetMs: 0 })), ...intervals];
}

/** A day's value has no time of its own: noon. */
function dayAt(row: Row): readonly TimedSample[] {
  const midnight = timeOf(row["day"]);
  const at = midnight === undefined ? undefined : midnight + NOON_MS;
  return timed(at, [
    ...sampleIn(row, "pulse_average", { kind: 11, offsetMs: 0 }),
    ...sampleIn(row, "average_spo2_value", { kind: 3, offsetMs: 0, factor: percentFactor(row) }),
    ...sampleIn(row, "body_temperature_avg", { kind: 5, offsetMs: 0 }),
  ]);
}

/** Some wearables give a fraction, some per cent. */
function percentFactor(row: Row): number {
  return (numberIn(row, "average_spo2_value") ?? 0) <= 1 ? 100 : 1;
}

function timed(at: number | undefined, samples: readonly RecordedSample[]): readonly TimedSample[] {
  return at === undefined ? [] : samples.map((sample) => ({ at, sample }));
}

/** The set's times are local without a zone; only their distances matter here. */
function timeOf(text: string | undefined): number | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2})(?: +(\d{2}:\d{2}:\d{2}))?$/.exec(text ?? "");
  return parts === null ? undefined : Date.parse(`${parts[1] ?? ""}T${parts[2] ?? "00:00:00"}Z`);
}

function middleOf(range: string): number | undefined {
  const parts = /^(\d+)-(\d+)$/.exec(range);
  return parts === null ? undefined : Math.round((Number(parts[1]) + Number(parts[2])) / 2);
}
