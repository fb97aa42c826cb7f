import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

/** systemd's `RestartSec` where nobody sets it. A program that was killed is started at once, which is harder for it. */
const PAUSE_AFTER_OWN_END_MS = 100;
const STOP_LIMIT_MS = 15_000;
const READY_LIMIT_MS = 60_000;

/** A program that is started again whenever it ends, as systemd does with `Restart=always`. */
export interface Kept {
  readonly name: string;
  /** Of the process that runs now; `undefined` between two of them. */
  readonly pid: number | undefined;
  /** How many processes there have been. */
  readonly starts: number;
  /** Sends a signal to the process that runs now. False where none does. */
  signal(signal: NodeJS.Signals): boolean;
  /** Resolves when the process that runs now, or the next one, has said that it is ready; throws after a minute. */
  ready(): Promise<void>;
  /** Ends the process with SIGKILL and starts no other one until {@link Kept.release}. */
  hold(): Promise<void>;
  release(): void;
  /** Ends it in order (SIGTERM), for good. */
  stop(): Promise<void>;
}

/** What {@link keepProgram} runs. */
export interface KeptProgramOptions {
  readonly name: string;
  /** Of `node`: flags, the program's file, its parameters. Asked for at each start. */
  readonly parameters: () => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Takes what it writes to standard error. */
  readonly logFile: string;
  /** Takes each line of its standard output; the first one that begins with `{` says that it is ready. */
  readonly onLine?: (line: string) => void;
  /** Told at each end, however it came. */
  readonly onEnd?: () => void;
}

/** Starts a Node program and keeps it running; it ends with this process, however this one dies. */
export function keepProgram(options: KeptProgramOptions): KeptProgram {
  const program = new KeptProgram(options);
  program.release();
  return program;
}

/** See {@link keepProgram}. */
export class KeptProgram implements Kept {
  readonly #options: KeptProgramOptions;
  #child: ChildProcess | undefined;
  #isReady = false;
  #starts = 0;
  #isHeld = true;
  #isStopped = false;
  #wake: (() => void)[] = [];

  constructor(options: KeptProgramOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get starts(): number {
    return this.#starts;
  }

  signal(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }

  async ready(): Promise<void> {
    const limit = AbortSignal.timeout(READY_LIMIT_MS);
    limit.addEventListener("abort", () => this.#tell());
    while (!this.#isReady) {
      if (this.#isStopped) throw new Error(`the ${this.name} was stopped`);
      if (limit.aborted) throw new Error(this.#whyNotReady());
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async hold(): Promise<void> {
    this.#isHeld = true;
    await this.#end("SIGKILL");
  }

  release(): void {
    this.#isHeld = false;
    if (this.#child === undefined) this.#start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const force = setTimeout(() => this.signal("SIGKILL"), STOP_LIMIT_MS);
    await this.#end("SIGTERM");
    clearTimeout(force);
  }

  /** Writes a line to the program's standard input; nothing where none runs. */
  write(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }

  #whyNotReady(): string {
    const log = readFileSync(this.#options.logFile, "utf8").trimEnd().split("\n").slice(-3);
    return [`the ${this.name} was started ${this.#starts} times and is not ready`, ...log].join(
      "\n",
    );
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, "close");
    child.kill(signal);
    await ended;
  }

  #start(): void {
    if (this.#isHeld || this.#isStopped || this.#child !== undefined) return;
    const { parameters, environment, logFile, onLine } = this.#options;
    const log = openSync(logFile, "a", 0o600);
    const child = spawn(process.execPath, parameters(), {
      env: { PATH: process.env["PATH"] ?? "", ...environment },
      stdio: ["pipe", "pipe", log, "ipc"],
    });
    closeSync(log);
    this.#child = child;
    this.#starts += 1;
    // What is written to a process that was just killed is lost, as it should be.
    child.stdin?.on("error", () => undefined);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (!this.#isReady && line.startsWith("{")) {
        this.#isReady = true;
        this.#tell();
      }
      onLine?.(line);
    });
    // Not "exit": lines that it wrote before it was killed still come.
    child.once("close", (code) => void this.#ended(code === null ? 0 : PAUSE_AFTER_OWN_END_MS));
  }

  async #ended(pauseMs: number): Promise<void> {
    this.#child = undefined;
    this.#isReady = false;
    this.#options.onEnd?.();
    if (this.#isStopped) this.#tell();
    if (pauseMs > 0) await wait(pauseMs);
    this.#start();
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
