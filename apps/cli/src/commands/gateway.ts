import type { Command } from "commander";

import { layoutOf } from "../installation/layout.ts";
import { findProgram } from "../installation/program-path.ts";
import { runForeground } from "../installation/run-foreground.ts";
import type { CommandContext } from "./context.ts";
import { nearestOptions, operatorCommand } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

/** Adds `siphms gateway [admit | expel | list | witness]`. */
export function addGatewayCommands(program: Command, context: CommandContext): void {
  const gateway = operatorCommand(
    program
      .command("gateway")
      .description(
        "run the gateway alone; its settings come from the environment (see `siphms config`)",
      ),
    "SIPHMS_GATEWAY_URL=https://gateway.example SIPHMS_GATEWAY_PORT=443 siphms gateway",
  ).action((options: OperatorOptions) => runGateway(options, [], context));
  operatorCommand(
    gateway
      .command("admit <file>")
      .description("let a hospital in: the file is what `siphms hospital registration` printed"),
    "siphms gateway admit city-hospital.json",
  ).action((file: string, _: unknown, command: Command) =>
    runGateway(nearestOptions(command), ["admit", file], context),
  );
  operatorCommand(
    gateway.command("expel <id>").description("end a hospital's admission at once"),
    "siphms gateway expel city-hospital",
  ).action((id: string, _: unknown, command: Command) =>
    runGateway(nearestOptions(command), ["expel", id], context),
  );
  operatorCommand(
    gateway.command("list").description("list the hospitals that are let in"),
    "siphms gateway list",
  ).action((_: unknown, command: Command) =>
    runGateway(nearestOptions(command), ["list"], context),
  );
  operatorCommand(
    gateway
      .command("witness")
      .description(
        "show the key with which this gateway cosigns audit logs, and each log's last checkpoint",
      ),
    "siphms gateway witness",
  ).action((_: unknown, command: Command) =>
    runGateway(nearestOptions(command), ["witness"], context),
  );
}

async function runGateway(
  options: OperatorOptions,
  parameters: readonly string[],
  { environment }: CommandContext,
): Promise<void> {
  const main = await findProgram("gateway");
  const layout = layoutOf(options.data);
  const folders = { SIPHMS_GATEWAY_DATA: layout.gateway, SIPHMS_GATEWAY_RUN: layout.run };
  await runForeground({ main, parameters, environment: { ...folders, ...environment } });
}
