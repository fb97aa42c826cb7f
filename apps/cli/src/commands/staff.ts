import { unlink } from "node:fs/promises";

import { Option } from "commander";
import type { Command } from "commander";

import type { PersonRole, Role } from "@siphms/api";

import { wrongUse } from "../cli-error.ts";
import { createIntegrationKey, publicHalf, writeKeyFile } from "../installation/integration-key.ts";
import { OperatorError } from "../installation/operator-requests.ts";
import { table, withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

const PEOPLE: readonly PersonRole[] = ["doctor", "nurse", "administrator", "privacy-officer"];
const ROLES: readonly Role[] = [...PEOPLE, "integration"];

interface AddOptions extends OperatorOptions {
  readonly role: Role;
  readonly key?: string;
}

/** Adds `siphms staff add | list | disable`. */
export function addStaffCommands(program: Command, context: CommandContext): void {
  const staff = program.command("staff").description("manage the accounts of staff");
  operatorCommand(
    staff
      .command("add <name>")
      .description(
        "add a member of staff and print a link that is good once, for ten minutes; for a machine, write a key file",
      ),
    'siphms staff add "Dr. Iris Example" --role doctor\n' +
      'siphms staff add "Nightly import" --role integration --key ./nightly-import.key',
  )
    .addOption(
      new Option("--role <role>", "what the person or machine may do")
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .option("--key <file>", "with --role integration: where its new key is written")
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

async function add(name: string, options: AddOptions, context: CommandContext): Promise<void> {
  const { role, key } = options;
  if (role === "integration") {
    if (key === undefined) throw wrongUse("A machine has a key: say with --key where to write it.");
    await addIntegration({ name, file: key }, options, context);
    return;
  }
  if (key !== undefined) throw wrongUse("--key belongs to --role integration: people have a link.");
  await addPerson({ name, role }, options, context);
}

/** The key is on disk before the hospital is told: else a machine could be locked out of its own account. */
async function addIntegration(
  { name, file }: { readonly name: string; readonly file: string },
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, async (operator) => {
    const { id: hospital } = await operator.registration();
    const key = await createIntegrationKey({ hospital, name });
    await writeKeyFile(file, key);
    try {
      return await operator.addIntegration({ name, key: publicHalf(key) });
    } catch (error) {
      // Only where the hospital said no: else it may have the key.
      if (error instanceof OperatorError && error.status < 500) await unlink(file);
      throw error;
    }
  });
  const account = await withProgress(output, "Adding the account", task);
  const text = `${account.name} logs in with ${file}; whoever can read that file is ${account.name}. Next: siphms login --key ${file}`;
  output.print(options.json ? JSON.stringify({ ...account, key: file }) : text);
}

async function addPerson(
  person: { readonly name: string; readonly role: PersonRole },
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.addStaff(person));
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
