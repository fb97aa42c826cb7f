import {
  fromClinical,
  judge,
  kindByName,
  type Kind,
  type PressureValue,
  type QuarantineReason,
  type WireValue,
} from "@siphms/vitals";
import { csvLines } from "./csv-lines.ts";
import type { TimedValue } from "./series-of.ts";

/** Why a line of a file is not taken. */
export type LineFault = "time" | "future" | "kind" | "value" | "repeated" | QuarantineReason;

/** One line that is left out. */
export interface WrongLine {
  /** The line of a CSV file, the entry of a JSON file; counted from 1. */
  readonly line: number;
  readonly fault: LineFault;
}

/** Why nothing of a file can be taken. */
export type FileFault = "empty" | "header" | "json" | "too-large" | "too-many";

/** What stands in a file. Nothing is recorded by reading it. */
export type ImportResult =
  | { readonly kind: "file-fault"; readonly fault: FileFault }
  | {
      readonly kind: "read";
      readonly values: readonly TimedValue[];
      readonly wrong: readonly WrongLine[];
    };

/** The largest file that is read. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_ROWS = 20_000;
/** Clocks may differ by this much before a time counts as one to come. */
const TOLERANCE_MS = 60_000;

interface Row {
  readonly line: number;
  readonly at: unknown;
  readonly kind: unknown;
  readonly value: unknown;
}

/**
 * Reads a CSV file with the columns `at,kind,value` (what `siphms device send --csv` takes) or a JSON file with a list of
 * objects of these members. Values are in clinical units (`@siphms/vitals`), pressures as `120/80` or `[120,80,93]`.
 *
 * @param now - The corrected clock, ms: nothing was measured later.
 */
export function readImport(text: string, now: number): ImportResult {
  if (text.length > MAX_FILE_BYTES) return { kind: "file-fault", fault: "too-large" };
  const rows = /^\ufeff?\s*\[/.test(text) ? jsonRows(text) : csvRows(text);
  if (typeof rows === "string") return { kind: "file-fault", fault: rows };
  if (rows.length === 0) return { kind: "file-fault", fault: "empty" };
  if (rows.length > MAX_ROWS) return { kind: "file-fault", fault: "too-many" };
  return readRows(rows, now);
}

function readRows(rows: readonly Row[], now: number): ImportResult {
  const values: TimedValue[] = [];
  const wrong: WrongLine[] = [];
  const seen = new Set<string>();
  for (const row of rows) {
    const found = readRow(row, now);
    const key = JSON.stringify(found);
    if (typeof found === "string") wrong.push({ line: row.line, fault: found });
    else if (seen.has(key)) wrong.push({ line: row.line, fault: "repeated" });
    else values.push(found);
    seen.add(key);
  }
  return { kind: "read", values, wrong };
}

function csvRows(text: string): readonly Row[] | FileFault {
  const [header, ...lines] = csvLines(text);
  if (header === undefined) return "empty";
  const [at, kind, value] = ["at", "kind", "value"].map((name) => header.fields.indexOf(name));
  if (at === undefined || kind === undefined || value === undefined) return "header";
  if (Math.min(at, kind, value) < 0) return "header";
  return lines.map(({ line, fields }) => {
    return { line, at: fields[at], kind: fields[kind], value: fields[value] };
  });
}

function jsonRows(text: string): readonly Row[] | FileFault {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    // What is wrong with it a patient cannot repair: that it is no JSON is enough.
    return "json";
  }
  if (!Array.isArray(value)) return "json";
  return value.map((entry: unknown, index) => {
    const members = new Map<string, unknown>(
      typeof entry === "object" && entry !== null ? Object.entries(entry) : [],
    );
    const [at, kind] = [members.get("at"), members.get("kind")];
    return { line: index + 1, at, kind, value: members.get("value") };
  });
}

function readRow(row: Row, now: number): TimedValue | LineFault {
  const at = readTime(row.at);
  if (at === undefined) return "time";
  if (at > now + TOLERANCE_MS) return "future";
  const kind = typeof row.kind === "string" ? kindByName(row.kind)?.kind : undefined;
  if (kind === undefined) return "kind";
  const value = readValue(kind, row.value);
  if (value === undefined) return "value";
  const judgement = judge(kind, value);
  return judgement.verdict === "implausible" ? judgement.reason : { at, kind, value };
}

function readTime(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  // A date alone, which Date.parse would take too, is no time of a measurement.
  const at = /^\d+$/.test(text) ? Number(text) : /\d:\d/.test(text) ? Date.parse(text) : NaN;
  return Number.isSafeInteger(at) && at >= 0 ? at : undefined;
}

function readValue(kind: Kind, value: unknown): WireValue | undefined {
  const clinical = kind === 2 ? readPressure(value) : readPlain(value);
  if (clinical === undefined) return undefined;
  try {
    return fromClinical(kind, clinical);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readPlain(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function readPressure(value: unknown): PressureValue | undefined {
  const parts: readonly unknown[] = Array.isArray(value)
    ? value
    : typeof value === "string"
      ? value.replaceAll(/[[\]\s]/g, "").split(/[/,]/)
      : [];
  if (parts.length < 2 || parts.length > 3) return undefined;
  const numbers = parts.map(readPart);
  if (numbers.includes(undefined)) return undefined;
  return [numbers[0] ?? null, numbers[1] ?? null, numbers[2] ?? null];
}

function readPart(part: unknown): number | null | undefined {
  return part === null || part === "" || part === "-" || part === "null" ? null : readPlain(part);
}
