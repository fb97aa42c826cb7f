import type { Command } from "commander";

import { findProgram } from "../installation/program-path.ts";
import { runOnce } from "../installation/run-once.ts";
import { withProgress } from "../output.ts";
import type { Output } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { exampleText } from "./with-operator.ts";

/** One setting as a program explains it. */
interface ExplainedSetting {
  readonly variable: string;
  readonly explanation: string;
  readonly fallback?: string;
  readonly secret: boolean;
}

/** Settings of the command line itself. */
const OWN_SETTINGS: readonly ExplainedSetting[] = [
  {
    variable: "SIPHMS_RECORDINGS",
    explanation:
      "Folder of the recordings that the demo plays, where --recordings is not given; `none` for invented patients.",
    fallback: "../shared/data/vitals",
    secret: false,
  },
  {
    variable: "SIPHMS_DEVICE_PASSPHRASE",
    explanation:
      "Passphrase that protects the key of a simulated device (`siphms device`). Without it the key lies in a file of mode 0600 that is marked as demo.",
    secret: true,
  },
];

/** Adds `siphms config`. */
export function addConfigCommand(program: Command, context: CommandContext): void {
  program
    .command("config")
    .description("explain every setting of hospital, gateway and command line")
    .option("--json", "print JSON for machines, one object a line")
    .addHelpText("after", exampleText("siphms config"))
    .action((options: { readonly json?: true }) => config(options, context));
}

async function config(
  options: { readonly json?: true },
  { output }: CommandContext,
): Promise<void> {
  const programs = await withProgress(
    output,
    "Asking the programs",
    Promise.all([settingsOf("hospital"), settingsOf("gateway")]),
  );
  const [hospital, gateway] = programs;
  const all = { hospital, gateway, "command line": OWN_SETTINGS };
  for (const [name, settings] of Object.entries(all)) {
    if (options.json) {
      for (const one of settings) output.print(JSON.stringify({ program: name, ...one }));
    } else printSettings(name, settings, output);
  }
}

function printSettings(name: string, settings: readonly ExplainedSetting[], output: Output): void {
  output.print(`Settings of the ${name}:\n`);
  for (const one of settings) {
    const given = one.fallback === undefined ? "required" : `default: ${one.fallback || "none"}`;
    output.print(`${one.variable} (${one.secret ? "secret" : given})`);
    output.print(`    ${one.explanation}`);
  }
  output.print("");
}

async function settingsOf(name: "gateway" | "hospital"): Promise<readonly ExplainedSetting[]> {
  const main = await findProgram(name);
  const printed = await runOnce({ name, main, parameters: ["settings"], environment: {} });
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .map(parseSetting);
}

function parseSetting(line: string): ExplainedSetting {
  const value: unknown = JSON.parse(line);
  if (isExplained(value)) return value;
  throw new TypeError("a program explained a setting in a form that is not known here");
}

function isExplained(value: unknown): value is ExplainedSetting {
  return (
    typeof value === "object" &&
    value !== null &&
    "variable" in value &&
    typeof value.variable === "string" &&
    "explanation" in value &&
    typeof value.explanation === "string" &&
    "secret" in value &&
    typeof value.secret === "boolean" &&
    (!("fallback" in value) || typeof value.fallback === "string")
  );
}
