import { ServerKitError } from "./error.ts";
import { errorFields, type Logger } from "./logger.ts";
import { setTlsRules } from "./tls.ts";

/** Exit codes of every program of the system. */
export const EXIT: { readonly done: 0; readonly failed: 1; readonly wrongUse: 2 } = {
  done: 0,
  failed: 1,
  wrongUse: 2,
};

/** What {@link runProgram} needs. */
export interface ProgramOptions {
  readonly name: string;
  /** The program itself; returns its exit code. */
  readonly run: () => Promise<number>;
  /** Defaults to standard error. */
  readonly tell?: (text: string) => void;
}

/**
 * Runs a program under the rules for TLS, and turns what it throws into an exit code and a sentence for the operator.
 *
 * A {@link ServerKitError} is the operator's to mend: its message is shown, exit code 2.
 * Anything else is ours: only class, code and place are shown, because a message may quote data; exit code 1.
 */
export async function runProgram(options: ProgramOptions): Promise<number> {
  const tell = options.tell ?? ((text: string) => void process.stderr.write(text));
  setTlsRules();
  try {
    return await options.run();
  } catch (error) {
    if (error instanceof ServerKitError) {
      tell(`${options.name}: ${error.message}\n`);
      return EXIT.wrongUse;
    }
    tell(`${options.name}: stopped by an error: ${JSON.stringify(errorFields(error))}\n`);
    return EXIT.failed;
  }
}

/**
 * Ends the program when an error reaches nobody, since its state is then unknown; what was durable is taken up at the next start.
 *
 * @param exitNow - Defaults to `process.exit`.
 */
export function exitOnStrayErrors(
  log: Logger,
  exitNow: (code: number) => void = (code) => process.exit(code),
): void {
  function end(error: unknown): void {
    log.error("an error reached nobody", errorFields(error));
    exitNow(EXIT.failed);
  }
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}
