import { table } from "../../output.ts";
import type { Output } from "../../output.ts";

/** A figure, or figures under their names. */
export type BenchValue =
  | number
  | string
  | boolean
  | null
  | readonly BenchValue[]
  | { readonly [name: string]: BenchValue };

/** What a bench measured, as `--json` prints it on its last line (docs/performance.md says how to read it). */
export interface BenchResult {
  /** Name of the bench, as on the command line. */
  readonly bench: string;
  /** Its figures; names say the unit. */
  readonly value: Readonly<Record<string, BenchValue>>;
  /** What the machine could do at best, measured in the same run; null where there is no such thing. */
  readonly limit: { readonly name: string; readonly perSecond: number } | null;
  /** The main figure as a share of the limit. */
  readonly ratio: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Under which conditions: hardware, versions, settings, sizes; CPU seconds of each process. */
  readonly conditions: Readonly<Record<string, BenchValue>>;
}

/** Prints a result: one line of JSON, or a table for people. */
export function printBenchResult(
  result: BenchResult,
  options: { readonly json?: boolean | undefined },
  output: Output,
): void {
  output.print(options.json === true ? JSON.stringify(result) : formatBenchResult(result));
}

/** The table for people: one figure a line, nested names joined by a point. */
export function formatBenchResult(result: BenchResult): string {
  const { bench, value, limit, ratio, p50Ms, p99Ms, conditions } = result;
  const latency = p50Ms === null && p99Ms === null ? {} : { p50Ms, p99Ms };
  const head = { ...value, ...latency };
  const share =
    limit === null ? [] : [[`limit: ${limit.name}`, `${formatNumber(limit.perSecond)}/s`]];
  return table([
    [`bench ${bench}`],
    ...figures(head),
    ...share,
    ...(ratio === null ? [] : [["ratio", formatNumber(ratio)]]),
    ["conditions"],
    ...figures(conditions),
  ]);
}

function figures(value: Readonly<Record<string, BenchValue>>, prefix = "  "): string[][] {
  return Object.entries(value).flatMap(([name, one]) =>
    isRecord(one) ? figures(one, `${prefix}${name}.`) : [[prefix + name, formatOne(one)]],
  );
}

function isRecord(value: BenchValue): value is { readonly [name: string]: BenchValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function formatOne(value: BenchValue): string {
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function formatNumber(value: number): string {
  return value.toLocaleString("en-US", {
    maximumSignificantDigits: 5,
    useGrouping: value >= 10_000,
  });
}
