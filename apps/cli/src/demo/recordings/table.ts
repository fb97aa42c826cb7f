import { readFile } from "node:fs/promises";

import { fromClinical } from "@siphms/vitals";
import type { Kind } from "@siphms/vitals";

import type { RecordedSample } from "./recording.ts";

/** One line of a table, by the names in its first line. */
export type Row = Readonly<Record<string, string | undefined>>;

/**
 * Reads a table of text: one line a row, names in the first line, fields that may stand in double quotes.
 *
 * Blanks around a field are dropped: some headers have one after each comma.
 */
export async function readTable(file: string, separator = ","): Promise<readonly Row[]> {
  const lines = (await readFile(file, "utf8")).split(/\r?\n/).filter((line) => line !== "");
  const [header = [], ...rows] = lines.map((line) => splitLine(line, separator));
  return rows.map((fields) =>
    Object.fromEntries(header.map((name, index) => [name, fields[index]])),
  );
}

function splitLine(line: string, separator: string): readonly string[] {
  if (!line.includes('"')) return line.split(separator).map((field) => field.trim());
  const fields = line.matchAll(
    new RegExp(`(?:^|\\${separator})(?:"([^"]*)"|([^\\${separator}]*))`, "g"),
  );
  return [...fields].map((field) => (field[1] ?? field[2] ?? "").trim());
}

/** The number in a field; undefined where nothing was measured (empty, `NaN`, or no such column). */
export function numberIn(row: Row, name: string): number | undefined {
  const text = row[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/** The sample in a field, in the kind's clinical unit; none where nothing was measured. Zeros are values. */
export function sampleIn(
  row: Row,
  name: string,
  { kind, offsetMs, factor = 1 }: { kind: Kind; offsetMs: number; factor?: number },
): readonly RecordedSample[] {
  const value = numberIn(row, name);
  if (value === undefined) return [];
  return [{ offsetMs, kind, value: fromClinical(kind, value * factor) }];
}

/** The blood pressure in three fields; none where none of the three was measured. */
export function pressureIn(
  row: Row,
  names: readonly [systolic: string, diastolic: string, mean: string],
  offsetMs: number,
): readonly RecordedSample[] {
  const parts = names.map((name) => numberIn(row, name) ?? null);
  const [systolic = null, diastolic = null, mean = null] = parts;
  if (systolic === null && diastolic === null && mean === null) return [];
  return [{ offsetMs, kind: 2, value: fromClinical(2, [systolic, diastolic, mean]) }];
}

/** Sorts items into groups by a key; groups and items keep the order in which they came. */
export function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
