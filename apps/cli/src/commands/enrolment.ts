import type { Command } from "commander";

import { wrongUse } from "../cli-error.ts";
import { table, withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, patientCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

/** Adds `siphms enrolment list | confirm`. */
export function addEnrolmentCommands(program: Command, context: CommandContext): void {
  const enrolment = program
    .command("enrolment")
    .description("see which devices were enrolled, and confirm the code that a patient reads out");
  patientCommand(
    enrolment.command("list").description("list enrolments, newest codes included"),
    "siphms enrolment list --json",
  ).action((options: OperatorOptions) => list(options, context));
  operatorCommand(
    enrolment
      .command("confirm <mrn> <code>")
      .description("make a device active: the code is the one on the patient's screen"),
    "siphms enrolment confirm 4711 204117",
  ).action((mrn: string, code: string, options: OperatorOptions) =>
    confirm({ mrn, code }, options, context),
  );
}

async function list(options: OperatorOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.enrolments());
  const enrolments = await withProgress(output, "Reading the enrolments", task);
  if (options.json) {
    output.print(JSON.stringify(enrolments));
    return;
  }
  const rows = enrolments.map((one) => [one.mrn, one.device, one.code || "-", one.state]);
  output.print(table([["MRN", "DEVICE", "CODE", "STATE"], ...rows]));
}

async function confirm(
  given: { readonly mrn: string; readonly code: string },
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  // People write a code in groups.
  const code = given.code.replaceAll(/[\s-]/g, "");
  if (!/^\d{6}$/.test(code)) throw wrongUse("The code is the six digits on the patient's screen.");
  const task = withOperator(options, (operator) => operator.confirm({ mrn: given.mrn, code }));
  const confirmed = await withProgress(output, "Confirming", task);
  const text = `Device ${confirmed.device} of ${confirmed.mrn} is active.`;
  output.print(options.json ? JSON.stringify(confirmed) : text);
}
