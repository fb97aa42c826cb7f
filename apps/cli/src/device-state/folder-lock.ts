import { mkdir, open, readFile, rm } from "node:fs/promises";
import path from "node:path";

import { CliError } from "../cli-error.ts";

/** Holds a folder for one process. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes a folder for this process: two engines on one store would sign the same numbers twice.
 *
 * A lock left by a process that has ended is taken over.
 *
 * @param what - What lies in the folder, for the message.
 * @throws {CliError} when a living process holds it.
 */
export async function lockFolder(folder: string, what: string): Promise<FolderLock> {
  const file = path.join(folder, "lock");
  await mkdir(folder, { recursive: true });
  for (;;) {
    if (await take(file)) return { release: () => rm(file, { force: true }) };
    const text = await readFile(file, "utf8").catch(() => "");
    const [pid = 0, began] = text.trim().split(" ").map(Number);
    if (pid !== process.pid && isAlive(pid) && (await isSame(pid, began))) {
      throw new CliError(
        `${what} in ${folder} is in use by process ${pid}. Stop that one first, or choose another folder.`,
      );
    }
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(`${process.pid} ${(await beginOf(process.pid)) ?? ""}\n`);
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** In a restarted container the same number soon belongs to another process: the time of its begin tells them apart. */
async function isSame(pid: number, began: number | undefined): Promise<boolean> {
  const now = await beginOf(pid);
  return began === undefined || now === undefined || began === now;
}

/** When a process began, in ticks since the system's start; unknown but on Linux. */
async function beginOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name of the program, in brackets, may hold blanks; the time is the 20th field behind it.
  const field = text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  return field === undefined || field === "" ? undefined : Number(field);
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
