import type { Command } from "commander";

import { table, withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface ListOptions extends OperatorOptions {
  readonly mrn?: string;
}

/** Adds `siphms device list | revoke`, which ask the hospital. */
export function addOperatorDeviceCommands(device: Command, context: CommandContext): void {
  operatorCommand(
    device.command("list").description("list the devices that the hospital knows"),
    "siphms device list --mrn 4711",
  )
    .option("--mrn <id>", "only this patient's")
    .action((options: ListOptions) => list(options, context));
  operatorCommand(
    device
      .command("revoke <kid>")
      .description(
        "end a device's enrolment at once and for good: it is lost, stolen or given back",
      ),
    "siphms device revoke AbCdEfGhIjk",
  ).action((kid: string, options: OperatorOptions) => revoke(kid, options, context));
}

async function list(options: ListOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.devices(options.mrn));
  const devices = await withProgress(output, "Reading the devices", task);
  if (options.json) {
    output.print(JSON.stringify(devices));
    return;
  }
  const rows = devices.map((one) => {
    const seen = one.lastSeen === undefined ? "-" : new Date(one.lastSeen).toISOString();
    return [one.kid, one.mrn, one.name, one.state, new Date(one.enrolled).toISOString(), seen];
  });
  output.print(table([["KID", "MRN", "NAME", "STATE", "ENROLLED", "LAST SEEN"], ...rows]));
}

async function revoke(
  kid: string,
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.revoke(kid));
  const revoked = await withProgress(output, "Revoking", task);
  const text = `Device ${revoked.kid} of ${revoked.mrn} is revoked.`;
  output.print(options.json ? JSON.stringify(revoked) : text);
}
