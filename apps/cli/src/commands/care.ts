import type { Command } from "commander";

import { wrongUse } from "../cli-error.ts";
import { table, withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, patientCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface BeginOptions extends OperatorOptions {
  readonly until?: string;
}

/** Adds `siphms care begin | end | list`. */
export function addCareCommands(program: Command, context: CommandContext): void {
  const care = program
    .command("care")
    .description("say in whose care a patient is; nobody else is shown the record");
  operatorCommand(
    care
      .command("begin <mrn> <staff>")
      .description("put a patient into the care of a doctor or nurse"),
    'siphms care begin A-123 "Dr. Iris Example"',
  )
    .option("--until <instant>", "when it ends by itself, such as 2026-08-01T06:00:00Z")
    .action((mrn: string, staff: string, options: BeginOptions) =>
      begin({ mrn, staff }, options, context),
    );
  operatorCommand(
    care.command("end <mrn> <staff>").description("take a patient out of somebody's care, at once"),
    'siphms care end A-123 "Dr. Iris Example"',
  ).action((mrn: string, staff: string, options: OperatorOptions) =>
    end({ mrn, staff }, options, context),
  );
  patientCommand(
    care
      .command("list [mrn]")
      .description("list who has whom in their care, for one patient or for all"),
    "siphms care list A-123",
  ).action((mrn: string | undefined, options: OperatorOptions) => list(mrn, options, context));
}

interface Pair {
  readonly mrn: string;
  readonly staff: string;
}

async function begin(pair: Pair, options: BeginOptions, { output }: CommandContext): Promise<void> {
  const until = instantOf(options.until);
  const wanted = { ...pair, ...(until === undefined ? {} : { until }) };
  const task = withOperator(options, (operator) => operator.beginCare(wanted));
  const relation = await withProgress(output, "Putting into care", task);
  const text = `${relation.mrn} is in the care of ${relation.staff} (${relation.role}).`;
  output.print(options.json ? JSON.stringify(relation) : text);
}

async function end(
  pair: Pair,
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.endCare(pair));
  const ended = await withProgress(output, "Taking out of care", task);
  const text = `${ended.mrn} is no longer in the care of ${ended.staff}.`;
  output.print(options.json ? JSON.stringify(ended) : text);
}

async function list(
  mrn: string | undefined,
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.care(mrn));
  const relations = await withProgress(output, "Reading who cares for whom", task);
  if (options.json) {
    output.print(JSON.stringify(relations));
    return;
  }
  const rows = relations.map((one) => [one.mrn, one.staff, one.role, endOf(one.until)]);
  output.print(table([["MRN", "STAFF", "ROLE", "UNTIL"], ...rows]));
}

function endOf(until: number | undefined): string {
  return until === undefined ? "" : new Date(until).toISOString();
}

function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const instant = Date.parse(text);
  if (Number.isNaN(instant))
    throw wrongUse(`${text} is no instant of time; write it as 2026-08-01T06:00:00Z.`);
  return instant;
}
