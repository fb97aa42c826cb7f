import { spawn } from "node:child_process";
import { once } from "node:events";

import { CliError } from "../cli-error.ts";
import { inheritedEnvironment } from "./child-program.ts";

/** One call of a program of the project that does something and ends. */
export interface ProgramCall {
  readonly name: string;
  readonly main: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end and hands back what it printed.
 *
 * @throws {CliError} with the program's own words when its exit code is not 0.
 */
export async function runOnce(call: ProgramCall): Promise<string> {
  const child = spawn(process.execPath, [call.main, ...call.parameters], {
    env: { ...inheritedEnvironment(), ...call.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = collect(child.stdout);
  const said = collect(child.stderr);
  const [code] = (await once(child, "close")) as [number | null];
  if (code === 0) return printed();
  const words = said()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("{"));
  const what = [call.name, ...call.parameters.slice(0, 1)].join(" ");
  throw new CliError(
    words.length > 0 ? words.join("\n") : `\`${what}\` failed (exit code ${code}).`,
  );
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (part: Buffer) => {
    text += part.toString("utf8");
  });
  return () => text;
}
