import { Option } from "commander";
import type { Command } from "commander";

import type { PersonRole } from "@siphms/api";

import { table, withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

const ROLES: readonly PersonRole[] = ["doctor", "nurse", "administrator", "privacy-officer"];

interface AddOptions extends OperatorOptions {
  readonly role: PersonRole;
}

/** Adds `siphms staff add | list | disable`. */
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
  operatorCommand(
    staff.command("list").description("list all accounts of staff, disabled ones too"),
    "siphms staff list",
  ).action((options: OperatorOptions) => list(options, context));
  operatorCommand(
    staff
      .command("disable <name>")
      .description(
        "end a person's access at once: sessions and links; what they did stays on record",
      ),
    'siphms staff disable "Dr. Iris Example"',
  ).action((name: string, options: OperatorOptions) => disable(name, options, context));
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

async function list(options: OperatorOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.staff());
  const staff = await withProgress(output, "Reading the accounts", task);
  if (options.json) {
    output.print(JSON.stringify(staff));
    return;
  }
  const rows = staff.map(({ name, role, state }) => [name, role, state]);
  output.print(table([["NAME", "ROLE", "STATE"], ...rows]));
}

async function disable(
  name: string,
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.disableStaff(name));
  const disabled = await withProgress(output, "Disabling", task);
  const text = `${disabled.name} (${disabled.role}) has no access any more.`;
  output.print(options.json ? JSON.stringify(disabled) : text);
}
