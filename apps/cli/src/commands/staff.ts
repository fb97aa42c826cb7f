import { Option } from "commander";
import type { Command } from "commander";

import type { Role } from "@siphms/api";

import { withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

const ROLES: readonly Role[] = ["doctor", "nurse", "administrator", "privacy-officer"];

interface AddOptions extends OperatorOptions {
  readonly role: Role;
}

/** Adds `siphms staff add`. */
export function addStaffCommands(program: Command, context: CommandContext): void {
  const staff = program.command("staff").description("manage the accounts of staff");
  operatorCommand(
    staff
      .command("add <name>")
      .description("add a member of staff and print a link that is good once, for ten minutes"),
    'siphms staff add "Dr. Iris Example" --role doctor',
  )
    .addOption(
      new Option("--role <role>", "what the person may do").choices(ROLES).makeOptionMandatory(),
    )
    .action((name: string, options: AddOptions) => add(name, options, context));
}

async function add(name: string, options: AddOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.addStaff({ name, role: options.role }));
  const link = await withProgress(output, "Making the link", task);
  if (options.json) {
    output.print(JSON.stringify(link));
    return;
  }
  output.print(link.link);
  output.print(`Good once, until ${new Date(link.expires).toLocaleTimeString()}.`);
}
