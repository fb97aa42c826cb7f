import type { Command } from "commander";

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
        "sweep the records: do the rows that grant something carry their seals, do stored batches open",
      ),
    "siphms check",
  ).action((options: OperatorOptions) => check(options, context));
}

async function check(options: OperatorOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.check());
  const report = await withProgress(output, "Sweeping the records", task);
  if (options.json) output.print(JSON.stringify(report));
  else {
    const swept = Object.entries(report.swept).map(([name, count]) => [name, String(count)]);
    output.print(table([["CHECKED", "COUNT"], ...swept]));
    for (const one of report.findings) output.print(`${one.check}: ${one.subject}: ${one.detail}`);
  }
  if (!report.ok) throw new CliError(`Found ${report.findings.length} faults in the records.`);
}
