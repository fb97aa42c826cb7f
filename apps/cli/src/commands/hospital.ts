import type { Command } from "commander";

import { layoutOf } from "../installation/layout.ts";
import { HOSPITAL_NODE_FLAGS } from "../installation/node-flags.ts";
import { findProgram } from "../installation/program-path.ts";
import { threadPool } from "../installation/program-settings.ts";
import { runForeground } from "../installation/run-foreground.ts";
import { withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { nearestOptions, operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

/** Adds `siphms hospital [init | registration]`. */
export function addHospitalCommands(program: Command, context: CommandContext): void {
  const hospital = operatorCommand(
    program
      .command("hospital")
      .description(
        "run the hospital alone; its settings come from the environment (see `siphms config`)",
      ),
    "DATABASE_URL=postgresql://... siphms hospital",
  ).action((options: OperatorOptions) => runHospital(options, [], context));
  operatorCommand(
    hospital
      .command("init")
      .description("set a hospital up: its keys, its id for ever, its database's schema"),
    "HOSPITAL_ID=city-hospital DATABASE_URL=... DATABASE_ADMIN_URL=... siphms hospital init",
  ).action((_: unknown, command: Command) =>
    runHospital(nearestOptions(command), ["init"], context),
  );
  operatorCommand(
    hospital
      .command("registration")
      .description("print what a gateway's operator needs to admit this hospital"),
    "siphms hospital registration > city-hospital.json",
  ).action((_: unknown, command: Command) => printRegistration(nearestOptions(command), context));
}

async function runHospital(
  options: OperatorOptions,
  parameters: readonly string[],
  { environment }: CommandContext,
): Promise<void> {
  const main = await findProgram("hospital");
  const { data } = layoutOf(options.data);
  await runForeground({
    ...{ main, parameters, nodeFlags: HOSPITAL_NODE_FLAGS },
    environment: { SIPHMS_DATA: data, ...threadPool(), ...environment },
  });
}

/** A running hospital answers by its socket; one that does not run is read from its database. */
async function printRegistration(options: OperatorOptions, context: CommandContext): Promise<void> {
  const { environment, output } = context;
  if ((environment["DATABASE_URL"] ?? "") !== "") {
    await runHospital(options, ["registration"], context);
    return;
  }
  const task = withOperator(options, (operator) => operator.registration());
  output.print(JSON.stringify(await withProgress(output, "Reading the registration", task)));
}
