import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import { CliError } from "./cli-error.ts";

/** Asks the person at the terminal; nothing of it goes to standard output. */
export interface Terminal {
  /** Asks for a line. `hidden`: what is typed is not shown. @throws {CliError} where nobody sits there. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>;
}

/** The process's own terminal. */
export const processTerminal: Terminal = {
  async ask(question, { hidden = false } = {}) {
    const { stdin, stderr } = process;
    if (!stdin.isTTY) {
      throw new CliError(
        "There is no terminal to ask at. In a script, log in with siphms login --key FILE.",
      );
    }
    if (hidden) stderr.write(question);
    // Readline echoes what is typed to its output; to none, where it is a secret.
    const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stderr;
    const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
    try {
      const end = new Promise<never>((_, reject) => {
        lines.once("SIGINT", () => reject(new CliError("Stopped.")));
        lines.once("close", () => reject(new CliError("Stopped.")));
      });
      return await Promise.race([lines.question(hidden ? "" : question), end]);
    } finally {
      lines.close();
      if (hidden) stderr.write("\n");
    }
  },
};
