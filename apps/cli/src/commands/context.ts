import type { Output } from "../output.ts";
import type { Terminal } from "../terminal.ts";

/** What every command is given: the outside world, so that tests can stand in for it. */
export interface CommandContext {
  readonly output: Output;
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
