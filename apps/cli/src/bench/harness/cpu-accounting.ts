import { readdir, readFile } from "node:fs/promises";

import { CliError } from "../../cli-error.ts";

/** Linux counts in hundredths of a second towards programs (`USER_HZ`), whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;
/** A child that ends while we look moves its time to its parent: look again, a few times. */
const ATTEMPTS = 5;

/** What is read of a process. */
export interface ProcessTimes {
  readonly parent: number;
  /** Seconds of its own, user and system. */
  readonly own: number;
  /** Seconds of its children that have ended and were waited for, with theirs. */
  readonly endedChildren: number;
}

/** CPU seconds over a stretch, and what the work returned. */
export interface Measured<Name extends string, T> {
  readonly cpu: Readonly<Record<Name, number>>;
  /** Wall-clock seconds. */
  readonly seconds: number;
  readonly result: T;
}

/**
 * CPU seconds, user and system, that a process and all its descendants have used so far, those that have ended included:
 * for PostgreSQL give the postmaster's pid. In steps of 10 ms a process.
 *
 * @throws {CliError} when the process is gone, or the machine has no `/proc`.
 */
export async function cpuSeconds(pid: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await readTimes(pid);
    if (before === undefined) throw new CliError(`There is no process ${pid} to account for.`);
    const family = await readFamily(pid);
    const after = await readTimes(pid);
    if (after?.endedChildren === before.endedChildren || attempt === ATTEMPTS) return family;
  }
}

/** Runs the work and says how much CPU each of the processes (name → pid) used meanwhile. */
export async function measureCpu<Name extends string, T>(
  processes: Readonly<Record<Name, number>>,
  work: () => Promise<T>,
): Promise<Measured<Name, T>> {
  const before = await readAll(processes);
  const begin = performance.now();
  const result = await work();
  const seconds = (performance.now() - begin) / 1_000;
  const after = await readAll(processes);
  const used = before.map(([name, start], index): [Name, number] => [
    name,
    (after[index]?.[1] ?? start) - start,
  ]);
  // Names of one record in, the same names out.
  return { cpu: Object.fromEntries(used) as Record<Name, number>, seconds, result };
}

/** Reads the line of `/proc/PID/stat`. The name in it may hold spaces and brackets: what counts stands behind the last one. */
export function parseProcessTimes(stat: string): ProcessTimes {
  // Behind the name: state, ppid, ... utime is field 14 of the line, counted from 1, and state field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = (field: number): number => Number(fields[field - 3]);
  const times = {
    parent: ticks(4),
    own: (ticks(14) + ticks(15)) / TICKS_PER_SECOND,
    endedChildren: (ticks(16) + ticks(17)) / TICKS_PER_SECOND,
  };
  if (!Object.values(times).every(Number.isFinite)) throw new RangeError("stat: not a process's");
  return times;
}

async function readAll<Name extends string>(
  processes: Readonly<Record<Name, number>>,
): Promise<[Name, number][]> {
  const names = Object.keys(processes) as Name[];
  return Promise.all(
    names.map(async (name): Promise<[Name, number]> => [name, await cpuSeconds(processes[name])]),
  );
}

async function readFamily(root: number): Promise<number> {
  const all = await readProcesses();
  const isOfFamily = (pid: number): boolean => {
    const parent = all.get(pid)?.parent ?? 0;
    return pid === root || (parent > 1 && isOfFamily(parent));
  };
  let seconds = 0;
  for (const [pid, { own, endedChildren }] of all) {
    if (isOfFamily(pid)) seconds += own + endedChildren;
  }
  return seconds;
}

async function readProcesses(): Promise<ReadonlyMap<number, ProcessTimes>> {
  const entries = await readdir("/proc").catch((cause: unknown) => {
    throw new CliError("CPU time is read from /proc, which this system lacks. Bench on Linux.", {
      cause,
    });
  });
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = new Map<number, ProcessTimes>();
  for (const pid of pids) {
    const times = await readTimes(pid);
    if (times !== undefined) found.set(pid, times);
  }
  return found;
}

/** undefined for a process that has ended. */
async function readTimes(pid: number): Promise<ProcessTimes | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat === undefined ? undefined : parseProcessTimes(stat);
}
