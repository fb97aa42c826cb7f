import path from "node:path";

import { inOrder } from "./recording.ts";
import type { RecordedSample, Recording } from "./recording.ts";
import { groupBy, numberIn, readTable, sampleIn } from "./table.ts";
import type { Row } from "./table.ts";

const SET = "bidmc";
/** Recordings of one patient follow each other at this distance; the true distance was taken out by the publisher. */
const BETWEEN_RECORDINGS_MS = 120_000;

/**
 * Reads the BIDMC recordings, several of one patient joined into one: heart rate, pulse, breathing and SpO2 every second.
 *
 * @param folder - The folder `bidmc`, with its `index.csv`.
 */
export async function readBidmc(folder: string): Promise<readonly Recording[]> {
  const rows = await readTable(path.join(folder, "index.csv"));
  const patients = groupBy(rows, (row) => row["patient"] ?? "");
  return Promise.all([...patients].map(([patient, parts]) => readPatient(folder, patient, parts)));
}

async function readPatient(
  folder: string,
  patient: string,
  parts: readonly Row[],
): Promise<Recording> {
  const samples: RecordedSample[] = [];
  let begin = 0;
  for (const { record = "" } of parts) {
    const part = await readBidmcNumerics(path.join(folder, `${record}_Numerics.csv`));
    samples.push(...part.map((sample) => ({ ...sample, offsetMs: begin + sample.offsetMs })));
    begin += (part.at(-1)?.offsetMs ?? 0) + BETWEEN_RECORDINGS_MS;
  }
  const [first = {}] = parts;
  const age = Number.parseInt(first["age"] ?? "", 10);
  return {
    set: SET,
    record: patient,
    source: "recorded",
    ...(Number.isNaN(age) ? {} : { age }),
    sex: sexOf(first["sex"]),
    problem: `Intensive care (${(first["unit"] ?? "unit not recorded").toUpperCase()})`,
    origin: 0,
    samples,
  };
}

/** Reads one file of BIDMC numbers; also what `siphms device send --csv` takes. */
export async function readBidmcNumerics(file: string): Promise<readonly RecordedSample[]> {
  const rows = await readTable(file);
  return inOrder(rows.flatMap(samplesOf));
}

function samplesOf(row: Row): readonly RecordedSample[] {
  const offsetMs = (numberIn(row, "Time [s]") ?? 0) * 1_000;
  return [
    ...sampleIn(row, "HR", { kind: 1, offsetMs }),
    ...sampleIn(row, "PULSE", { kind: 11, offsetMs }),
    ...sampleIn(row, "RESP", { kind: 4, offsetMs }),
    ...sampleIn(row, "SpO2", { kind: 3, offsetMs }),
  ];
}

function sexOf(text: string | undefined): "F" | "M" | "X" {
  return text === "F" || text === "M" ? text : "X";
}
