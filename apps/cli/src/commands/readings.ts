import { Option } from "commander";
import type { Command } from "commander";

import type { OperatorSample, SummarySeries, SummarySpan } from "@siphms/api";
import type { KindName } from "@siphms/vitals";

import { collectKind, parseTime } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { patientCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface ReadingsOptions extends OperatorOptions {
  readonly from?: number;
  readonly to?: number;
  readonly kind?: readonly KindName[];
  readonly summary?: SummarySpan;
}

/** Adds `siphms readings`. */
export function addReadingsCommand(program: Command, context: CommandContext): void {
  patientCommand(
    program.command("readings <mrn>").description("print a patient's readings, one a line"),
    "siphms readings 4711 --from 2026-03-01 --kind heart-rate --json",
  )
    .option("--from <time>", "first moment", parseTime)
    .option("--to <time>", "first moment that is left out", parseTime)
    .option("--kind <name>", "only this kind; may be repeated", collectKind)
    .addOption(
      new Option(
        "--summary <span>",
        "hours or days of UTC in short, instead of each reading",
      ).choices(["hour", "day"]),
    )
    .action((mrn: string, options: ReadingsOptions) => readings(mrn, options, context));
}

async function readings(
  mrn: string,
  options: ReadingsOptions,
  { output }: CommandContext,
): Promise<void> {
  const filter = {
    mrn,
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.to === undefined ? {} : { to: options.to }),
    ...(options.kind === undefined ? {} : { kinds: options.kind }),
  };
  const { summary: span } = options;
  await withOperator(options, async (operator) => {
    if (span !== undefined) {
      const { series } = await operator.summary({ ...filter, span });
      for (const row of series.flatMap(rowsOf).sort((a, b) => a.start - b.start)) {
        output.print(options.json ? JSON.stringify(row) : lineOfSummary(row));
      }
      return;
    }
    for await (const sample of operator.readings(filter)) {
      output.print(options.json ? JSON.stringify(sample) : lineOf(sample));
    }
  });
}

function lineOf(sample: OperatorSample): string {
  const value = Array.isArray(sample.value)
    ? sample.value.map((part) => part ?? "-").join("/")
    : String(sample.value);
  const why = sample.reason === undefined ? "" : ` (${sample.reason})`;
  const at = new Date(sample.at).toISOString();
  return `${at}  ${sample.kind}  ${value} ${sample.unit}  ${sample.origin}  ${sample.state}${why}`;
}

type Column =
  | "count"
  | "first"
  | "firstAt"
  | "last"
  | "lastAt"
  | "late"
  | "max"
  | "mean"
  | "min"
  | "quarantined"
  | "start";

/** One period of one kind, or of one part of a pressure. */
type SummaryRow = Pick<SummarySeries, "kind" | "part" | "unit"> & {
  readonly [Name in Column]: SummarySeries[Name][number];
};

function rowsOf(series: SummarySeries): readonly SummaryRow[] {
  const { kind, part, unit } = series;
  return series.start.map((start, index) => ({
    start,
    kind,
    ...(part === undefined ? {} : { part }),
    unit,
    count: series.count[index] ?? 0,
    min: series.min[index] ?? null,
    max: series.max[index] ?? null,
    mean: series.mean[index] ?? null,
    first: series.first[index] ?? null,
    firstAt: series.firstAt[index] ?? null,
    last: series.last[index] ?? null,
    lastAt: series.lastAt[index] ?? null,
    late: series.late[index] ?? 0,
    quarantined: series.quarantined[index] ?? 0,
  }));
}

function lineOfSummary(row: SummaryRow): string {
  const kind = row.part === undefined ? row.kind : `${row.kind} ${row.part}`;
  const mean = row.mean === null ? "" : `  mean ${row.mean}`;
  const bad = row.quarantined === 0 ? "" : `  (${row.quarantined} in quarantine)`;
  const range = `${row.min ?? "-"} to ${row.max ?? "-"} ${row.unit}`;
  return `${new Date(row.start).toISOString()}  ${kind}  ${row.count} of ${range}${mean}${bad}`;
}
