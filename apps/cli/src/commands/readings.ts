import type { Command } from "commander";

import type { OperatorSample } from "@siphms/api";
import type { KindName } from "@siphms/vitals";

import { collectKind, parseTime } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface ReadingsOptions extends OperatorOptions {
  readonly from?: number;
  readonly to?: number;
  readonly kind?: readonly KindName[];
}

/** Adds `siphms readings`. */
export function addReadingsCommand(program: Command, context: CommandContext): void {
  operatorCommand(
    program.command("readings <mrn>").description("print a patient's readings, one a line"),
    "siphms readings 4711 --from 2026-03-01 --kind heart-rate --json",
  )
    .option("--from <time>", "first moment", parseTime)
    .option("--to <time>", "first moment that is left out", parseTime)
    .option("--kind <name>", "only this kind; may be repeated", collectKind)
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
  await withOperator(options, async (operator) => {
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
