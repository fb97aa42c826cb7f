import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { RunAs } from "./run-as.ts";

/** Longest path of a Unix socket that every system takes (the limit is 104 or 108 with its end mark). */
const MAX_SOCKET_PATH_BYTES = 100;
/** Name that PostgreSQL gives its socket for port 5432. */
const SOCKET_NAME = ".s.PGSQL.5432";

const SHARED_DATA = "/var/lib/siphms";

/** The folders of one database server. */
export interface Folders {
  /** Private folder of the database's account: holds the rest. */
  readonly home: string;
  readonly cluster: string;
  readonly logFile: string;
  /** True when the data had to go elsewhere than asked, because the account cannot reach that place. */
  readonly moved: boolean;
}

/**
 * Says whether an account may run a program, or enter a folder, and pass through every folder above it.
 *
 * Looks at the mode bits alone: access lists are rare on the folders in question.
 */
export async function isReachable(target: string, account: RunAs): Promise<boolean> {
  const whole = await realpath(target);
  for (let folder = whole; ; folder = path.dirname(folder)) {
    const { uid, gid, mode } = await stat(folder);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 0o1) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/**
 * Makes the database's folder with mode 0700, owned by its account.
 *
 * Where that account cannot reach the folder (a home of mode 0700 above it), the data go below
 * `/var/lib/siphms` and a pointer stays behind: later starts follow the pointer, whatever the modes are then.
 */
export async function placeFolders(dataDir: string, account: RunAs): Promise<Folders> {
  const pointer = path.join(dataDir, "moved-to");
  await makePrivate(dataDir);
  const moved = (await readFile(pointer, "utf8").catch(() => "")).trim();
  if (moved !== "") return describe(moved, true);
  if (!account.drop || (await isReachable(path.dirname(dataDir), account))) {
    await own(dataDir, account);
    return describe(await realpath(dataDir), false);
  }
  await mkdir(SHARED_DATA, { recursive: true });
  // Not left to the umask, which may take the passage away.
  await chmod(SHARED_DATA, 0o711);
  const elsewhere = await mkdtemp(path.join(SHARED_DATA, "pg-"));
  await own(elsewhere, account);
  await writeFile(pointer, `${elsewhere}\n`, { mode: 0o600 });
  return describe(elsewhere, true);
}

function describe(home: string, moved: boolean): Folders {
  return {
    home,
    cluster: path.join(home, "data"),
    logFile: path.join(home, "postgres.log"),
    moved,
  };
}

/**
 * Chooses the private folder for the server's Unix socket.
 *
 * A path that is too long for a socket is replaced by a short temporary folder, named in `runDir/postgres-socket-folder`.
 */
export async function placeSocket(home: string, runDir: string, account: RunAs): Promise<string> {
  const usual = path.join(home, "socket");
  if (Buffer.byteLength(path.join(usual, SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES) {
    await mkdir(usual, { recursive: true, mode: 0o700 });
    await own(usual, account);
    return usual;
  }
  const pointer = path.join(runDir, "postgres-socket-folder");
  const known = (await readFile(pointer, "utf8").catch(() => "")).trim();
  if (known !== "" && (await isPrivateFolder(known, account))) return known;
  const short = await mkdtemp(path.join(tmpdir(), "siphms-pg-"));
  await own(short, account);
  await makePrivate(runDir);
  await writeFile(pointer, `${short}\n`, { mode: 0o600 });
  return short;
}

/** A temporary folder may have been swept and made again by somebody else: then it is not ours to use. */
async function isPrivateFolder(folder: string, account: RunAs): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === account.uid && (found.mode & 0o77) === 0;
}

/** Makes a folder of mode 0700; folders above it, where missing, get the usual mode, so that others can pass. */
export async function makePrivate(folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

async function own(folder: string, account: RunAs): Promise<void> {
  if (account.drop) await chown(folder, account.uid, account.gid);
  await chmod(folder, 0o700);
}
