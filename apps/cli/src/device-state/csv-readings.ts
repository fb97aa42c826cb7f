import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { fromClinical, kindByName } from "@siphms/vitals";
import type { Kind, PressureValue, WireValue } from "@siphms/vitals";
import type { Series } from "@siphms/messages";

import { CliError } from "../cli-error.ts";
import { readBidmcNumerics } from "../demo/recordings/bidmc.ts";
import { groupBy, readTable } from "../demo/recordings/table.ts";
import type { Row } from "../demo/recordings/table.ts";

/** Readings of a file, and a name of the file's content. */
export interface CsvReadings {
  readonly series: readonly Series[];
  readonly samples: number;
  /** SHA-256 of the file, 32 bytes. */
  readonly digest: Uint8Array<ArrayBuffer>;
}

interface TimedValue {
  readonly at: number;
  readonly kind: Kind;
  readonly value: WireValue;
}

/**
 * Reads a file for `device send --csv`: `at,kind,value`, or a BIDMC Numerics file.
 *
 * A BIDMC file knows no date: its last row is taken as measured now.
 *
 * @param now - The device's clock, ms.
 * @throws {CliError} when the file cannot be read, naming the first line that is wrong.
 */
export async function readCsvReadings(file: string, now: number): Promise<CsvReadings> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new CliError(`${file} cannot be read. Check the path.`, { cause });
  });
  const digest = Uint8Array.from(createHash("sha256").update(bytes).digest());
  const header = bytes.toString("utf8", 0, 200).split(/\r?\n/)[0] ?? "";
  const values = header.startsWith("Time [s]")
    ? await readBidmc(file, now)
    : await readPlain(file, header);
  if (values.length === 0) throw new CliError(`${file} holds no readings.`);
  return { series: toSeries(values), samples: values.length, digest };
}

async function readBidmc(file: string, now: number): Promise<readonly TimedValue[]> {
  const samples = await readBidmcNumerics(file);
  const begin = now - (samples.at(-1)?.offsetMs ?? 0);
  return samples.map(({ offsetMs, kind, value }) => ({ at: begin + offsetMs, kind, value }));
}

async function readPlain(file: string, header: string): Promise<readonly TimedValue[]> {
  const names = header.split(",").map((name) => name.trim());
  if (["at", "kind", "value"].some((name) => !names.includes(name))) {
    throw new CliError(
      `${file} has to begin with the line at,kind,value (or be a BIDMC Numerics file).`,
    );
  }
  const rows = await readTable(file);
  return rows
    .map((row, index) => valueOf(row, `${file}, line ${index + 2}`))
    .toSorted((a, b) => a.at - b.at);
}

function valueOf(row: Row, place: string): TimedValue {
  const time = row["at"] ?? "";
  const at = /^\d+$/.test(time) ? Number(time) : Date.parse(time);
  if (!Number.isSafeInteger(at) || at < 0) {
    throw new CliError(`${place}: \`at\` is no time; write 2026-03-01T12:00:00Z or milliseconds.`);
  }
  const info = kindByName(row["kind"] ?? "");
  if (info === undefined) throw new CliError(`${place}: there is no such kind.`);
  return { at, kind: info.kind, value: parseValue(info.kind, row["value"] ?? "", place) };
}

function parseValue(kind: Kind, text: string, place: string): WireValue {
  try {
    return fromClinical(kind, kind === 2 ? parsePressure(text) : parseNumber(text));
  } catch (cause) {
    const form = kind === 2 ? "120/80, 120/80/93 or [120,80,93]" : "a number such as 36.7";
    throw new CliError(`${place}: \`value\` is not of its kind's form; write ${form}.`, { cause });
  }
}

function parseNumber(text: string): number {
  if (text === "") throw new RangeError("empty");
  return Number(text);
}

function parsePressure(text: string): PressureValue {
  const parts = text.replaceAll(/[[\]\s]/g, "").split(/[/,]/);
  if (parts.length < 2 || parts.length > 3) throw new RangeError("not two or three numbers");
  const [systolic, diastolic, mean] = parts.map((part) =>
    part === "" || part === "-" || part === "null" ? null : Number(part),
  );
  return [systolic ?? null, diastolic ?? null, mean ?? null];
}

/** One series for each kind; the engine splits what is too long for a message. */
function toSeries(values: readonly TimedValue[]): readonly Series[] {
  return [...groupBy(values, (one) => one.kind)].map(([kind, ofKind]): Series => {
    const [first] = ofKind;
    const deltas = ofKind.map((one, index) => one.at - (ofKind[index - 1]?.at ?? one.at));
    return {
      kind,
      start: first?.at ?? 0,
      deltas,
      values: ofKind.map((one) => one.value),
      origin: 2,
    };
  });
}
