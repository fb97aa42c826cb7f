/** What the command line ends with: done, failed, wrong use (architecture section 9). */
export const EXIT: { readonly done: 0; readonly failed: 1; readonly wrongUse: 2 } = {
  done: 0,
  failed: 1,
  wrongUse: 2,
};

/** A failure that the person at the command line can understand: its message says what happened and what to do. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: 1 | 2;

  /** @param options - `exitCode` 2 where the command was called wrongly; 1 by default. */
  constructor(message: string, options: ErrorOptions & { readonly exitCode?: 1 | 2 } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}

/** A command that was called wrongly. */
export function wrongUse(message: string): CliError {
  return new CliError(message, { exitCode: EXIT.wrongUse });
}
