import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { CliError } from "../cli-error.ts";
import type { Running } from "./supervise.ts";

/** A program of the project that runs as a child of this one. */
export interface ChildProgram {
  /** What people call it. */
  readonly name: string;
  /** Path of its built main file. */
  readonly main: string;
  /** Flags of Node.js. */
  readonly nodeFlags?: readonly string[];
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Takes its log lines. */
  readonly logFile: string;
}

/** A program that {@link startChildProgram} has started. */
export interface RunningProgram extends Running {
  readonly pid: number;
}

/** A migration of a large database may take long; a program that hangs should not hang its parent for ever. */
const READY_LIMIT_MS = 120_000;
/** Longer than the programs' own time for closing. */
const STOP_LIMIT_MS = 20_000;

/**
 * Starts a program and waits for the JSON line by which it says that it is ready.
 *
 * It runs in a process group of its own, so that a Ctrl-C at the terminal reaches this process alone, which then closes all in
 * order; and with an IPC channel, whose end makes it stop when this process is killed.
 *
 * @throws {CliError} with the program's own last words when it ends before it is ready.
 */
export async function startChildProgram(program: ChildProgram): Promise<RunningProgram> {
  const log = await open(program.logFile, "a", 0o600);
  const start = (await log.stat()).size;
  const words = [...(program.nodeFlags ?? []), program.main, ...program.parameters];
  const child = spawn(process.execPath, words, {
    env: { ...inheritedEnvironment(), ...program.environment },
    stdio: ["ignore", "pipe", log.fd, "ipc"],
    detached: true,
  });
  await log.close();
  const ended = endOf(child);
  const ready = await Promise.race([
    readyLine(child),
    ended.then(() => false),
    sleep(READY_LIMIT_MS, false, { ref: false }),
  ]);
  if (!ready || child.pid === undefined) {
    child.kill("SIGKILL");
    const said = await lastWords(program.logFile, start);
    throw new CliError(`The ${program.name} did not start: ${said} (log: ${program.logFile})`);
  }
  return {
    pid: child.pid,
    ended,
    stop: () => stop(child, ended),
    kill: () => void child.kill("SIGKILL"),
  };
}

/** Of the environment a program gets what any program needs; settings come from the caller alone. */
export function inheritedEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "NODE_OPTIONS"];
  const found = names.map((name): [string, string | undefined] => [name, process.env[name]]);
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function endOf(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null || child.signalCode !== null) return reasonOf(child);
  await once(child, "exit");
  return reasonOf(child);
}

function reasonOf(child: ChildProcess): string {
  return child.signalCode ?? `exit code ${child.exitCode ?? "unknown"}`;
}

/** Reads its standard output to the end, so that a program which prints more does not block. */
function readyLine(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    if (child.stdout === null) {
      resolve(false);
      return;
    }
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      if (line.startsWith("{")) resolve(true);
    });
  });
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill("SIGTERM");
  const over = await Promise.race([
    ended.then(() => true),
    sleep(STOP_LIMIT_MS, false, { ref: false }),
  ]);
  if (!over) child.kill("SIGKILL");
  await ended;
}

/** The last line that a program wrote before it ended: plain text for people, or the event of a log line. */
export async function lastWords(logFile: string, from: number): Promise<string> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  const lines = text.slice(from).trimEnd().split("\n");
  const plain = lines.filter((line) => line !== "" && !line.startsWith("{"));
  return (plain.length > 0 ? plain.slice(-3).join(" ") : lines.at(-1)) || "it said nothing";
}
