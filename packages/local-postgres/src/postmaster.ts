import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a running server wrote about itself into `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly socketDir: string;
  readonly ready: boolean;
}

/** Reads `postmaster.pid` of a data folder; undefined where there is none or it is not whole. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(path.join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return { pid, socketDir: lines[4] ?? "", ready: lines[7]?.trim() === "ready" };
}

/**
 * Says whether a process is alive and is the PostgreSQL server of this data folder.
 *
 * A process id alone proves nothing: after a crash or in a new container the same number belongs to something else.
 */
export async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  const command = await commandLine(pid);
  if (command === undefined) return false;
  return command.includes("postgres") && command.includes(cluster);
}

/** Says whether a process exists and has not ended (one that only waits for its parent has ended). */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return !/\) [ZX] /.test(status);
}

async function commandLine(pid: number): Promise<string | undefined> {
  if (!(await isAlive(pid))) return undefined;
  const fromProc = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  if (fromProc !== undefined) return fromProc.replaceAll("\0", " ");
  return run("ps", ["-o", "command=", "-p", String(pid)]).then(
    (result) => result.stdout,
    () => undefined,
  );
}
