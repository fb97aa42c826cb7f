import path from "node:path";

import { fromClinical } from "@siphms/vitals";
import type { Kind } from "@siphms/vitals";

import { inOrder } from "./recording.ts";
import type { RecordedSample, Recording } from "./recording.ts";
import { groupBy, readTable } from "./table.ts";
import type { Row } from "./table.ts";

const MINUTE_MS = 60_000;

const SINGLE: Readonly<Record<string, Kind>> = {
  HR: 1,
  RespRate: 4,
  SaO2: 3,
  Temp: 5,
  Glucose: 6,
  Weight: 7,
};
/** Systolic, diastolic, mean: of the cuff, and of the arterial line. */
const PRESSURES: readonly (readonly [string, string, string])[] = [
  ["NISysABP", "NIDiasABP", "NIMAP"],
  ["SysABP", "DiasABP", "MAP"],
];

/** Reads the first 48 hours of intensive-care stays, as charted. */
export async function readIcu(folder: string): Promise<readonly Recording[]> {
  const outcomes = await readTable(path.join(folder, "outcomes.csv"));
  return Promise.all(outcomes.map((outcome) => readStay(folder, outcome["RecordID"] ?? "")));
}

interface Entry {
  readonly offsetMs: number;
  readonly parameter: string;
  readonly value: number;
}

async function readStay(folder: string, record: string): Promise<Recording> {
  const rows = await readTable(path.join(folder, "records", `${record}.txt`));
  const entries = rows.map(entryOf);
  const known = (parameter: string): number | undefined =>
    entries.find((entry) => entry.parameter === parameter && entry.value >= 0)?.value;
  const age = known("Age");
  const sex = known("Gender");
  return {
    set: "icu2012",
    record,
    source: "recorded",
    ...(age === undefined ? {} : { age }),
    sex: sex === 1 ? "M" : sex === 0 ? "F" : "X",
    problem: "Intensive care, first 48 hours",
    origin: 2,
    samples: inOrder([
      ...singles(entries),
      ...PRESSURES.flatMap((names) => joined(entries, names)),
    ]),
  };
}

function entryOf(row: Row): Entry {
  const [hours = "0", minutes = "0"] = (row["Time"] ?? "").split(":");
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  return { offsetMs, parameter: row["Parameter"] ?? "", value: Number(row["Value"] ?? "") };
}

/** The set writes -1 where a value is not known. */
function singles(entries: readonly Entry[]): readonly RecordedSample[] {
  return entries.flatMap(({ offsetMs, parameter, value }) => {
    const kind = SINGLE[parameter];
    if (kind === undefined || value === -1) return [];
    return [{ offsetMs, kind, value: fromClinical(kind, value) }];
  });
}

/** The three numbers of a pressure stand on lines of their own; where a minute has two of each, the first go with the first. */
function joined(
  entries: readonly Entry[],
  names: readonly [string, string, string],
): readonly RecordedSample[] {
  const minutes = groupBy(
    entries.filter((entry) => names.includes(entry.parameter)),
    (entry) => entry.offsetMs,
  );
  return [...minutes].flatMap(([offsetMs, ofMinute]) => {
    const columns = names.map((name) => ofMinute.filter((entry) => entry.parameter === name));
    const count = Math.max(...columns.map((column) => column.length));
    return Array.from({ length: count }, (_, index): RecordedSample => {
      const part = (column: number): number | null => columns[column]?.[index]?.value ?? null;
      return { offsetMs, kind: 2, value: fromClinical(2, [part(0), part(1), part(2)]) };
    });
  });
}
