import path from "node:path";

import { inOrder } from "./recording.ts";
import type { RecordedSample, Recording } from "./recording.ts";
import { numberIn, pressureIn, readTable, sampleIn } from "./table.ts";
import type { Row } from "./table.ts";

const HOUR_MS = 3_600_000;

/** Reads the hourly intensive-care charts, half of them of patients who developed sepsis at a known hour. */
export async function readSepsis(folder: string): Promise<readonly Recording[]> {
  const subjects = await readTable(path.join(folder, "subjects.csv"));
  return Promise.all(subjects.map((subject) => readSubject(folder, subject)));
}

async function readSubject(folder: string, subject: Row): Promise<Recording> {
  const record = subject["record"] ?? "";
  const rows = await readTable(path.join(folder, "psv", `${record}.psv`), "|");
  const [first = {}] = rows;
  const age = numberIn(first, "Age");
  const begin = numberIn(first, "ICULOS") ?? 0;
  return {
    set: "sepsis2019",
    record,
    source: "recorded",
    ...(age === undefined ? {} : { age: Math.floor(age) }),
    sex: first["Gender"] === "1" ? "M" : first["Gender"] === "0" ? "F" : "X",
    problem: problemOf(subject),
    origin: 2,
    samples: inOrder(rows.flatMap((row) => samplesOf(row, begin))),
  };
}

function samplesOf(row: Row, begin: number): readonly RecordedSample[] {
  const offsetMs = ((numberIn(row, "ICULOS") ?? begin) - begin) * HOUR_MS;
  return [
    ...sampleIn(row, "HR", { kind: 1, offsetMs }),
    ...sampleIn(row, "O2Sat", { kind: 3, offsetMs }),
    ...sampleIn(row, "Temp", { kind: 5, offsetMs }),
    ...pressureIn(row, ["SBP", "DBP", "MAP"], offsetMs),
    ...sampleIn(row, "Resp", { kind: 4, offsetMs }),
    ...sampleIn(row, "Glucose", { kind: 6, offsetMs }),
  ];
}

function problemOf(subject: Row): string {
  const onset = subject["sepsis_onset_hour"];
  if (subject["group"] !== "sepsis") return "Intensive care, no sepsis";
  return onset === undefined || onset === "" ? "Sepsis" : `Sepsis, onset in hour ${onset}`;
}
