import { Option } from "commander";
import type { Command } from "commander";

import type { OperatorPatient, RegisterPatient } from "@siphms/api";

import { CliError } from "../cli-error.ts";
import { table, withProgress } from "../output.ts";
import { parseDate } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, patientCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface AddOptions extends OperatorOptions {
  readonly mrn: string;
  readonly name: string;
  readonly birthDate: string;
  readonly sex?: "F" | "M" | "X";
  readonly problem?: string;
  readonly doctor?: string;
  readonly lastVisit?: string;
}

/** Adds `siphms patient add | list | show`. */
export function addPatientCommands(program: Command, context: CommandContext): void {
  const patient = program.command("patient").description("register patients and look them up");
  operatorCommand(
    patient.command("add").description("register a patient"),
    'siphms patient add --mrn 4711 --name "Eva Muster" --birth-date 1957-03-21 --sex F',
  )
    .requiredOption("--mrn <id>", "medical record number")
    .requiredOption("--name <name>", "the patient's name")
    .requiredOption("--birth-date <date>", "YYYY-MM-DD", parseDate)
    .addOption(new Option("--sex <sex>", "female, male, other or unknown").choices(["F", "M", "X"]))
    .option("--problem <text>", "why the patient is followed")
    .option("--doctor <staff>", "name of the doctor in charge")
    .option("--last-visit <date>", "YYYY-MM-DD", parseDate)
    .action((options: AddOptions) => add(options, context));
  patientCommand(
    patient.command("list").description("list all patients"),
    "siphms patient list",
  ).action((options: OperatorOptions) => list(options, context));
  patientCommand(
    patient.command("show <mrn>").description("show one patient"),
    "siphms patient show 4711",
  ).action((mrn: string, options: OperatorOptions) => show(mrn, options, context));
}

async function add(options: AddOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.addPatient(patientOf(options)));
  const added = await withProgress(output, "Registering the patient", task);
  output.print(
    options.json ? JSON.stringify(added) : `Registered ${added.mrn} as patient ${added.patient}.`,
  );
}

function patientOf(options: AddOptions): RegisterPatient {
  const { mrn, name, birthDate, sex, problem, doctor, lastVisit } = options;
  return {
    mrn,
    name,
    birthDate,
    ...(sex === undefined ? {} : { sex }),
    ...(problem === undefined ? {} : { problem }),
    ...(doctor === undefined ? {} : { doctor }),
    ...(lastVisit === undefined ? {} : { lastVisit }),
  };
}

async function list(options: OperatorOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.patients());
  const patients = await withProgress(output, "Reading the patients", task);
  if (options.json) {
    output.print(JSON.stringify(patients));
    return;
  }
  const rows = patients.map((one) => [
    one.mrn,
    one.name,
    one.birthDate,
    one.sex,
    one.problem ?? "-",
  ]);
  output.print(table([["MRN", "NAME", "BORN", "SEX", "PROBLEM"], ...rows]));
}

async function show(
  mrn: string,
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.patients(mrn));
  const [patient] = await withProgress(output, "Reading the patient", task);
  if (patient === undefined) {
    throw new CliError(`There is no patient ${mrn}. \`siphms patient list\` shows all.`);
  }
  output.print(options.json ? JSON.stringify(patient) : table(linesOf(patient)));
}

function linesOf(patient: OperatorPatient): readonly (readonly string[])[] {
  return [
    ["MRN", patient.mrn],
    ["Patient", patient.patient],
    ["Name", patient.name],
    ["Born", patient.birthDate],
    ["Sex", patient.sex],
    ["Problem", patient.problem ?? "-"],
    ["Doctor", patient.doctor ?? "-"],
    ["Last visit", patient.lastVisit ?? "-"],
    ["Registered", new Date(patient.registered).toISOString()],
  ];
}
