import type { Command } from "commander";

import type { CheckReport } from "@siphms/api";

import { CliError } from "../cli-error.ts";
import { table, withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

/** Adds `siphms check`. */
export function addCheckCommand(program: Command, context: CommandContext): void {
  operatorCommand(
    program
      .command("check")
      .description(
        "sweep the records and look at how the hospital is run: seals of the rows that grant something, stored batches, the\n" +
          "audit log and its witnesses, keys, backups, TLS, file modes, second factors, idle sessions, clocks, retention.\n" +
          "Exit code 1 with a line for each fault, for monitoring; a note is no fault.",
      ),
    "siphms check\nsiphms check --json > check.json || mail -s 'siphms check' operator < check.json",
  ).action((options: OperatorOptions) => check(options, context));
}

async function check(options: OperatorOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.check());
  const report = await withProgress(output, "Sweeping the records", task);
  if (options.json) output.print(JSON.stringify(report));
  else {
    const swept = Object.entries(report.swept).map(([name, count]) => [name, String(count)]);
    output.print(table([["CHECKED", "COUNT"], ...swept]));
    for (const one of report.findings) output.print(lineOf(one));
    for (const one of report.notes ?? []) output.print(`Note: ${lineOf(one)}`);
  }
  const count = report.findings.length;
  if (!report.ok) throw new CliError(count === 1 ? "Found 1 fault." : `Found ${count} faults.`);
}

function lineOf({ check, subject, detail }: CheckReport["findings"][number]): string {
  return `${check}: ${subject}: ${detail}`;
}
