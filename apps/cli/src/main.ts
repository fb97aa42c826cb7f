import { standardOutput } from "./output.ts";
import { runCommand } from "./program.ts";
import { processTerminal } from "./terminal.ts";

// Where notes cannot be written (a full disk), a program that keeps others running has to go on all the same.
process.stderr.on("error", () => undefined);

process.exitCode = await runCommand(process.argv.slice(2), {
  output: standardOutput,
  terminal: processTerminal,
  environment: process.env,
});
