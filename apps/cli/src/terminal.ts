import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import { CliError } from "./cli-error.ts";

/** How a person is asked. */
export interface AskOptions {
  /** What is typed is not shown. */
  readonly hidden?: boolean;
  /** What a script does, which has no terminal; by default it logs in with a key. */
  readonly instead?: string;
}

const LOG_IN_INSTEAD = "In a script, log in with siphms login --key FILE.";

/** Asks the person at the terminal; nothing of it goes to standard output. */
export interface Terminal {
  /** Asks for a line. @throws {CliError} where nobody sits there. */
  ask(question: string, options?: AskOptions): Promise<string>;
}

/** The process's own terminal. */
export const processTerminal: Terminal = {
  async ask(question, { hidden = false, instead = LOG_IN_INSTEAD } = {}) {
    const { stdin, stderr } = process;
    if (!stdin.isTTY) {
      throw new CliError(`There is no terminal to ask at. ${instead}`);
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
