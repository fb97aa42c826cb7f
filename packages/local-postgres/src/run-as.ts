import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";

import { LocalPostgresError } from "./errors.ts";

const run = promisify(execFile);

/** The account that the database's processes run under. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** True where the caller is root and has to give the rights up for the child. */
  readonly drop: boolean;
  readonly made: boolean;
}

/** Our own account first: the one called postgres may belong to a database of the system. */
const ACCOUNT_NAMES = ["siphms", "postgres"] as const;

/** The two families of tools that make a system account: shadow (most systems) and busybox (Alpine). */
const MAKE_ACCOUNT: readonly (readonly [string, readonly string[]])[] = [
  ["useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false", "siphms"]],
  ["adduser", ["-S", "-D", "-H", "-s", "/bin/false", "siphms"]],
];

/**
 * Chooses the account for the database: the caller's own, or, as PostgreSQL refuses to run as root,
 * the owner of the existing data, else an ordinary account that is found or made.
 *
 * @param dataDir - Folder of an earlier start; need not exist.
 * @throws {LocalPostgresError} `USER_UNAVAILABLE` when root finds no account and cannot make one.
 */
export async function chooseAccount(dataDir: string): Promise<RunAs> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { uid, gid, drop: false, made: false };
  const owner = await ownerOf(dataDir);
  if (owner !== undefined) return { ...owner, drop: true, made: false };
  for (const name of ACCOUNT_NAMES) {
    const found = await lookUp(name);
    if (found !== undefined) return { ...found, drop: true, made: false };
  }
  return { ...(await makeAccount()), drop: true, made: true };
}

async function ownerOf(folder: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await stat(folder).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

async function lookUp(name: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) };
  } catch {
    // `id` fails for an account that does not exist; that is an answer, not a fault.
    return undefined;
  }
}

async function makeAccount(): Promise<{ uid: number; gid: number }> {
  for (const [command, parameters] of MAKE_ACCOUNT) {
    const made = await run(command, [...parameters]).then(
      () => true,
      () => false,
    );
    const found = made ? await lookUp("siphms") : undefined;
    if (found !== undefined) return found;
  }
  throw new LocalPostgresError(
    "USER_UNAVAILABLE",
    "PostgreSQL does not run as root, and no ordinary account could be found or made for it. " +
      "Make one (`useradd --system siphms`) or start this program as an ordinary user.",
  );
}
