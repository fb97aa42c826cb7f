import { connect } from "node:net";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

import { CliError } from "../cli-error.ts";
import type { BenchScope } from "./harness/bench-scope.ts";
import { parseProcessTimes } from "./harness/cpu-accounting.ts";

/** Memory of one of our programs, in bytes, after a garbage collection. */
export interface ProgramMemory {
  /** What the process holds of the machine's memory, mapped files included. */
  readonly rss: number;
  /** Of that, what belongs to it alone: without code and mapped files. */
  readonly anonymous: number;
  /** Living objects. */
  readonly heap: number;
  /** Buffers outside of the heap. */
  readonly external: number;
}

/** Asks programs that were started with its setting for their memory. */
export interface MemoryProbe {
  /** For the programs' environment. */
  readonly setting: { readonly NODE_OPTIONS: string };
  read(pid: number): Promise<ProgramMemory>;
}

const KIBIBYTE = 1_024;

/** Prepares the probe; its folder is removed with the scope. */
export async function createMemoryProbe(scope: BenchScope): Promise<MemoryProbe> {
  const folder = await mkdtemp(path.join(tmpdir(), "siphms-bench-probe-"));
  scope.hold({
    stop: () => rm(folder, { recursive: true, force: true }),
    kill: () => rmSync(folder, { recursive: true, force: true }),
  });
  await chmod(folder, 0o700);
  const own = new URL(import.meta.url);
  const file = new URL(`./scale-probe-main${path.extname(own.pathname)}`, own);
  file.search = new URLSearchParams({ folder }).toString();
  return {
    setting: { NODE_OPTIONS: `--import ${file.href}` },
    async read(pid) {
      const socket = connect(path.join(folder, `${pid}.sock`));
      // Of this bench's own making: see scale-probe-main.ts.
      return programMemory(pid, JSON.parse(await text(socket)) as NodeJS.MemoryUsage);
    },
  };
}

/** Puts together what a process says about itself and what the system says. */
export async function programMemory(
  pid: number,
  { heapUsed, external }: NodeJS.MemoryUsage,
): Promise<ProgramMemory> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    rss: field(status, "VmRSS"),
    anonymous: field(status, "RssAnon"),
    heap: heapUsed,
    external,
  };
}

/**
 * Memory of a server of this user and its children in bytes, what they share counted once.
 *
 * @throws {CliError} when the process is gone, or is another user's.
 */
export async function familyMemory(pid: number): Promise<number> {
  const memory = await visibleFamilyMemory(pid);
  if (memory === null) throw new CliError(`This user may not look at the memory of ${pid}.`);
  return memory;
}

/** As {@link familyMemory}; null where this user may not look. @throws {CliError} when the process is gone. */
export async function visibleFamilyMemory(pid: number): Promise<number | null> {
  const pids = await familyOf(pid);
  if (!pids.includes(pid)) throw new CliError(`There is no process ${pid} to look at.`);
  const sizes = await Promise.all(pids.map(proportionalSize));
  return sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
}

/** A process and its children. */
async function familyOf(pid: number): Promise<readonly number[]> {
  const entries = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const isOfFamily = await Promise.all(
    entries.map(async (one) => {
      const stat = await readFile(`/proc/${one}/stat`, "utf8").catch(() => undefined);
      return stat !== undefined && (one === pid || parseProcessTimes(stat).parent === pid);
    }),
  );
  return entries.filter((_, index) => isOfFamily[index]);
}

/** A page that so many processes share counts as so small a part for each; 0 for one that has ended meanwhile. */
async function proportionalSize(pid: number): Promise<number | null> {
  try {
    return field(await readFile(`/proc/${pid}/smaps_rollup`, "utf8"), "Pss");
  } catch (error) {
    // Root in a container may not look into other users' processes.
    if (error instanceof Error && "code" in error && error.code === "EACCES") return null;
    if (error instanceof CliError) throw error;
    return 0;
  }
}

function field(file: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(file)?.[1];
  if (kilobytes === undefined) throw new CliError(`/proc does not say ${name}.`);
  return Number(kilobytes) * KIBIBYTE;
}
