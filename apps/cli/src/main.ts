import { standardOutput } from "./output.ts";
import { runCommand } from "./program.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  output: standardOutput,
  environment: process.env,
});
