import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { CliError } from "../../cli-error.ts";
import { inheritedEnvironment } from "../../installation/child-program.ts";
import type { BenchScope } from "./bench-scope.ts";

/** What a process of a bench can be asked, by name. */
export type BenchCalls<Calls> = { [Name in keyof Calls]: (input: never) => Promise<unknown> };

/** A process of a bench that does what it is asked, so that its cost is its own. */
export interface BenchProcess<Calls extends BenchCalls<Calls>> {
  readonly pid: number;
  /** Asks and waits. @throws {CliError} with the process's words where it fails, or when it ends. */
  readonly ask: <Name extends keyof Calls & string>(
    name: Name,
    input: Parameters<Calls[Name]>[0],
  ) => Promise<Awaited<ReturnType<Calls[Name]>>>;
}

interface Ask {
  readonly number: number;
  readonly name: string;
  readonly input: unknown;
}

interface Answer {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

/**
 * Starts a process of a bench; it ends with the scope, and when this process is gone.
 *
 * @param main - Name of a module beside the caller's, without its ending, whose process calls {@link serveBenchProcess}.
 * @param caller - `import.meta.url`.
 */
export async function startBenchProcess<Calls extends BenchCalls<Calls>>(
  scope: BenchScope,
  main: string,
  caller: string,
): Promise<BenchProcess<Calls>> {
  const file = fileURLToPath(new URL(main + path.extname(fileURLToPath(caller)), caller));
  // Byte arrays and numbers go over as they are.
  const child = fork(file, [], {
    env: inheritedEnvironment(),
    // A test is told to read sources; what it starts is built.
    execArgv: [],
    serialization: "advanced",
  });
  await once(child, "spawn");
  const ended = once(child, "exit");
  scope.hold({
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
    kill: () => void child.kill("SIGKILL"),
  });
  return { pid: child.pid ?? 0, ask: createAsker(child, main) };
}

function createAsker<Calls extends BenchCalls<Calls>>(
  child: ChildProcess,
  main: string,
): BenchProcess<Calls>["ask"] {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  const settle = (answer: Answer): void => {
    waiting.get(answer.number)?.(answer);
    waiting.delete(answer.number);
  };
  child.on("message", (answer) => settle(answer as Answer));
  child.once("exit", () => {
    for (const number of waiting.keys()) settle({ number, error: `${main} ended by itself` });
  });
  return async (name, input) => {
    const number = (last += 1);
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(number, resolve);
      child.send({ number, name, input } satisfies Ask, (error) => {
        if (error !== null) settle({ number, error: `${main} takes no more questions` });
      });
    });
    if (answer.error !== undefined) throw new CliError(answer.error);
    // Both ends are of one build: the call's type says what it is.
    return answer.result as never;
  };
}

/** Serves the calls of the process that has started this one, until that is gone. */
export function serveBenchProcess<Calls extends BenchCalls<Calls>>(calls: Calls): void {
  // A Ctrl-C at the terminal reaches this process as well: its parent ends it in its turn.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message) => {
    // Only the parent can write here.
    const { number, name, input } = message as Ask;
    calls[name as keyof Calls](input as never).then(
      (result) => process.send?.({ number, result } satisfies Answer),
      (error: unknown) => process.send?.({ number, error: wordsOf(error) } satisfies Answer),
    );
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : "unknown error";
}
