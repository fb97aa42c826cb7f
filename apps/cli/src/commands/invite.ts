import type { Command } from "commander";

import { toTerminalQr } from "../terminal-qr.ts";
import { withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

/** Adds `siphms invite`. */
export function addInviteCommand(program: Command, context: CommandContext): void {
  operatorCommand(
    program
      .command("invite <mrn>")
      .description(
        "make an invitation for a patient's device: a link that is good once, for minutes",
      ),
    "siphms invite 4711",
  ).action((mrn: string, options: OperatorOptions) => invite(mrn, options, context));
}

async function invite(
  mrn: string,
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.invite(mrn));
  const invitation = await withProgress(output, "Making the invitation", task);
  if (options.json) {
    output.print(JSON.stringify(invitation));
    return;
  }
  output.print(await toTerminalQr(invitation.link, output.isTerminal));
  output.print(invitation.link);
  output.print(`Good once, until ${new Date(invitation.expires).toLocaleTimeString()}.`);
}
