import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Everything that can bring bytes to a disk or out of a program, and what makes them durable. */
const CALLS =
  "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,fdatasync,fsync,msync";
/** Long enough for every page and envelope that the tests look for. */
const MAX_BYTES = 20_000;
/** An account that every system has: as root, the database's processes run under another one than ours. */
const NOBODY = 65_534;

/** Why system calls cannot be watched here; empty where they can. */
export const whyNoStrace: string = findOut();

function findOut(): string {
  if (spawnSync("strace", ["-V"]).status !== 0) return "strace is not on this machine";
  const account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const other = spawn("sleep", ["30"], { stdio: "ignore", ...account });
  const watched = spawnSync(
    "timeout",
    ["-s", "INT", "1", "strace", "-f", "-p", String(other.pid)],
    { encoding: "utf8" },
  );
  other.kill("SIGKILL");
  return watched.stderr.includes("attached") ? "" : "this system lets nobody watch another program";
}

/** One system call. */
export interface Call {
  /** Of the thread. */
  readonly pid: number;
  readonly name: string;
  /** Its first parameter, where that is a file or a socket. */
  readonly fd: number;
  /** Path of the file, or `TCP:[from->to]`, `UNIX-STREAM:[…]`. */
  readonly place: string;
  /** All bytes that it wrote or read. */
  readonly data: Buffer;
  /** -1 for a failure. */
  readonly result: number;
  /** Places in the order of all that the watched programs did: a call whose end is below another's begin was over by then. */
  readonly begin: number;
  readonly end: number;
}

/** What {@link Strace} may be told; by default it watches all that matters and changes nothing. */
export interface StraceOptions {
  /** What a program is to be told instead of the truth, as strace's `-e inject=` takes it. */
  readonly inject?: string;
  /** Names of the calls to watch, where fewer will do: each one stops its program for a moment. */
  readonly only?: string;
}

/** strace on programs that run. */
export class Strace {
  readonly #folder: string;
  readonly #child: ChildProcess;
  #calls: readonly Call[] = [];

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  /** Watches these processes, all their threads, and what they start; resolves when it sees them all. */
  static async attach(
    pids: readonly number[],
    { inject, only = CALLS }: StraceOptions = {},
  ): Promise<Strace> {
    const folder = mkdtempSync(join(tmpdir(), "siphms-strace-"));
    const child = spawn("strace", [
      ...parameters(folder, only),
      ...(inject === undefined ? [] : ["-e", `inject=${inject}`]),
      ...pids.flatMap((pid) => ["-p", String(pid)]),
    ]);
    let said = "";
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`strace ended: ${said}`)));
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (pids.every((pid) => said.includes(`Process ${pid} attached`))) resolve();
      });
    });
    return new Strace(folder, child);
  }

  /**
   * Runs a program of ours from its first call to its end.
   *
   * @param hear - Told its whole standard output at each piece that comes.
   */
  static async run(
    words: readonly string[],
    environment: Readonly<Record<string, string>>,
    hear: (output: string) => void = () => undefined,
  ): Promise<readonly Call[]> {
    const folder = mkdtempSync(join(tmpdir(), "siphms-strace-"));
    const command = [...parameters(folder, CALLS), "--seccomp-bpf", process.execPath, ...words];
    const child = spawn("strace", command, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => hear((output += chunk.toString())));
    await once(child, "close");
    const calls = readCalls(join(folder, "calls"));
    rmSync(folder, { recursive: true });
    return calls;
  }

  /** Lets go of the programs, which go on. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGINT");
      await ended;
    }
    this.#calls = readCalls(join(this.#folder, "calls"));
    rmSync(this.#folder, { recursive: true });
  }

  /** What the programs did until {@link Strace.stop}, in its order. */
  calls(): readonly Call[] {
    return this.#calls;
  }
}

function parameters(folder: string, calls: string): readonly string[] {
  const output = ["-o", join(folder, "calls")];
  return ["-f", "-yy", "-xx", "-s", String(MAX_BYTES), "-e", `trace=${calls}`, ...output];
}

function readCalls(file: string): readonly Call[] {
  return parseCalls(readFileSync(file, "latin1").split("\n"));
}

const WHOLE = /^(\d+) +(\w+)\((.*)\) += (-?\d+)/s;
const BEGUN = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/s;
const FIRST = /^(\d+)<((?:TCP|UNIX)[^\]]*\]|[^>]*)>/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)/s;

/** Reads what strace wrote. A call that another one came between has two lines. */
function parseCalls(lines: readonly string[]): readonly Call[] {
  const calls: Call[] = [];
  const begun = new Map<string, { readonly text: string; readonly begin: number }>();
  for (const [index, line] of lines.entries()) {
    const [, pid = "", name = "", text = "", result] =
      WHOLE.exec(line) ?? BEGUN.exec(line) ?? RESUMED.exec(line) ?? [];
    if (name === "") continue;
    const before = line.includes(" resumed>") ? begun.get(pid) : undefined;
    begun.delete(pid);
    const known = { text: (before?.text ?? "") + text, begin: before?.begin ?? index };
    if (result === undefined) begun.set(pid, known);
    else calls.push(callOf({ pid, name, result, ...known, end: index }));
  }
  return calls.toSorted((a, b) => a.begin - b.begin);
}

function callOf(parts: {
  readonly pid: string;
  readonly name: string;
  readonly text: string;
  readonly result: string;
  readonly begin: number;
  readonly end: number;
}): Call {
  const { name, text, begin, end } = parts;
  const result = Number(parts.result);
  const [first = "", fd = "-1", place = ""] = FIRST.exec(text) ?? [];
  const strings = [...text.slice(first.length).matchAll(/"([^"]*)"/g)];
  const data = Buffer.concat(strings.map(([, hex = ""]) => bytesOf(hex)));
  const file = place.includes("\\x") ? bytesOf(place).toString() : place;
  return { pid: Number(parts.pid), name, fd: Number(fd), place: file, data, result, begin, end };
}

/** Bytes that strace wrote as `\x01\x02`. */
function bytesOf(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll("\\x", ""), "hex");
}
