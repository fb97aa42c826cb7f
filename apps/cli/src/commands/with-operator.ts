import { Option } from "commander";
import type { Command } from "commander";

import type { StatedPurpose } from "@siphms/api";

import { createFileLogin } from "../installation/login-file.ts";
import { createOperatorClient } from "../installation/operator-client.ts";
import type { OperatorClient } from "../installation/operator-client.ts";
import { DEFAULT_DATA, layoutOf } from "../installation/layout.ts";

/** Options of every command that acts on a running installation. */
export interface OperatorOptions {
  readonly data: string;
  readonly json?: true;
  /** Of commands that show something of a patient. */
  readonly purpose?: StatedPurpose;
}

/** Adds `--data` and `--json`, and an example to the help. */
export function operatorCommand(command: Command, example: string): Command {
  return command
    .option("--data <dir>", "data folder of the running installation", DEFAULT_DATA)
    .option("--json", "print JSON for machines")
    .addHelpText("after", exampleText(example));
}

/** As {@link operatorCommand}, for what shows something of a patient: the look is recorded with its purpose. */
export function patientCommand(command: Command, example: string): Command {
  return operatorCommand(command, example).addOption(
    new Option(
      "--purpose <purpose>",
      "why you look, as it goes on record; treatment for doctors and nurses, operations for others",
    ).choices(["treatment", "payment", "operations"]),
  );
}

/**
 * The options of a command whose parent has the same ones: what was said last, nearest to the command, counts.
 *
 * Not commander's `optsWithGlobals`: there the parent's default goes before what the person wrote.
 */
export function nearestOptions(command: Command): OperatorOptions {
  const own = command.opts<OperatorOptions>();
  const above = command.parent?.opts<OperatorOptions>() ?? own;
  const { data } = command.getOptionValueSource("data") === "default" ? above : own;
  return { ...above, ...own, data };
}

/** The last part of a command's help. */
export function exampleText(example: string): string {
  return `\nExample:\n  $ ${example.split("\n").join("\n  $ ")}\n`;
}

/** Talks to the installation's hospital for one task: as the operator, and about patients as whoever has logged in. */
export async function withOperator<T>(
  options: OperatorOptions,
  task: (operator: OperatorClient) => Promise<T>,
): Promise<T> {
  const layout = layoutOf(options.data);
  const login = createFileLogin(layout, options.purpose);
  const operator = createOperatorClient(layout.operatorSocket, login);
  try {
    return await task(operator);
  } finally {
    operator.close();
  }
}
