import { spawn } from "node:child_process";
import { once } from "node:events";

import { CliError } from "../cli-error.ts";

/** A program of the project that takes this process's place at the terminal. */
export interface ForegroundProgram {
  readonly main: string;
  /** Flags of Node.js. */
  readonly nodeFlags?: readonly string[];
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Standard output and error, signals and exit code are the program's own; it says itself what is wrong. */
export class ForegroundFailure extends CliError {
  constructor(exitCode: 1 | 2) {
    super("", { exitCode });
  }
}

/**
 * Runs a program in this one's place until it ends.
 *
 * @throws {ForegroundFailure} with its exit code when that is not 0.
 */
export async function runForeground(program: ForegroundProgram): Promise<void> {
  const words = [...(program.nodeFlags ?? []), program.main, ...program.parameters];
  const child = spawn(process.execPath, words, {
    env: program.environment,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // At a terminal a Ctrl-C reaches the program as well; from elsewhere a signal reaches only this process.
  const pass = (): void => void child.kill("SIGTERM");
  const wait = (): void => undefined;
  process.on("SIGTERM", pass);
  process.on("SIGINT", wait);
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new ForegroundFailure(code === 2 ? 2 : 1);
  } finally {
    process.off("SIGTERM", pass);
    process.off("SIGINT", wait);
  }
}
