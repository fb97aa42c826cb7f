import type { ChildProcess } from "node:child_process";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { copyBinaries, findBinaries } from "./binaries.ts";
import { LocalPostgresError } from "./errors.ts";
import { isReachable, makePrivate, placeFolders, placeSocket } from "./folders.ts";
import { createPasswords, loadPasswords } from "./passwords.ts";
import type { Passwords } from "./passwords.ts";
import { isAlive, isServerOf, readPostmaster } from "./postmaster.ts";
import {
  ADMIN_ROLE,
  DATABASE_NAME,
  OWNER_ROLE,
  SERVICE_ROLE,
  connectionUrl,
  prepareRoles,
} from "./roles.ts";
import { chooseAccount } from "./run-as.ts";
import { end, initialise, lastLogLine, launch, waitUntilReady } from "./server.ts";
import type { ServerPlace } from "./server.ts";

/** Recovery after a crash reads the write-ahead log: allow for a slow disk. */
const READY_LIMIT_MS = 60_000;
/** How long a server that somebody else started may take until it is adopted or ended. */
const ADOPT_LIMIT_MS = 10_000;
/** Processes of a killed server let go of its memory within this time. */
const LAUNCH_ATTEMPTS = 20;
const LAUNCH_PAUSE_MS = 500;
const SHARED_BINARIES = "/var/cache/siphms";

/** Where the embedded server keeps its things. */
export interface LocalPostgresOptions {
  /** Folder of the data, mode 0700, owned by the database's account. */
  readonly dataDir: string;
  /** Private folder for pointers to sockets. */
  readonly runDir: string;
  /** Private folder for the passwords. */
  readonly secretsDir: string;
  /** Takes the few lines that a person should see. */
  readonly log?: (line: string) => void;
}

/** A running PostgreSQL of this machine. */
export interface LocalPostgres {
  /** Address for the service's role. */
  readonly url: string;
  /** Address for the role that migrates. */
  readonly adminUrl: string;
  /** Address for the superuser: only for making further databases. */
  readonly ownerUrl: string;
  /** True when the server of an earlier, killed parent was found running and taken over. */
  readonly adopted: boolean;
  readonly pid: number;
  /** Folder that holds the data in the end; another than asked where the account could not reach that. */
  readonly dataDir: string;
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Shuts down fast (transactions in flight are rolled back), by force when that takes too long. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL, or takes over the one that a killed parent left behind.
 *
 * Listens on a Unix socket only, with passwords (SCRAM); writes are synced to disk. As root the server runs under an
 * ordinary account. Callers must not start two for one folder at the same time.
 *
 * @throws {LocalPostgresError} `PLATFORM_UNSUPPORTED`, `USER_UNAVAILABLE`, `PASSWORDS_MISSING`, `INIT_FAILED`, `START_FAILED`, `STOP_FAILED`.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const log = options.log ?? (() => undefined);
  const dataDir = path.resolve(options.dataDir);
  await makePrivate(options.runDir);
  const place = await preparePlace(dataDir, log);
  const passwords = await preparePasswords(place, options.secretsDir);
  const running = (await adopt(place, passwords)) ?? (await start(place, passwords, options));
  const address = { socketDir: running.socketDir, database: DATABASE_NAME };
  await prepareRoles(ownerUrl(running.socketDir, passwords), passwords);
  const stopped = new AbortController();
  return {
    url: connectionUrl(SERVICE_ROLE, passwords.service, address),
    adminUrl: connectionUrl(ADMIN_ROLE, passwords.admin, address),
    ownerUrl: ownerUrl(running.socketDir, passwords),
    adopted: running.child === undefined,
    pid: running.pid,
    dataDir: place.folders.cluster,
    ended: running.child === undefined ? watch(running.pid, stopped.signal) : exited(running.child),
    async stop() {
      await end(running.pid);
      stopped.abort();
    },
  };
}

interface Running {
  readonly pid: number;
  readonly socketDir: string;
  readonly child?: ChildProcess;
}

async function preparePlace(dataDir: string, log: (line: string) => void): Promise<ServerPlace> {
  const account = await chooseAccount(path.join(dataDir, "data"));
  const folders = await placeFolders(dataDir, account);
  const installed = await findBinaries();
  const server = path.join(installed.home, "bin", "postgres");
  const copied = account.drop && !(await isReachable(server, account));
  const target = path.join(SHARED_BINARIES, `pg-${installed.version}`);
  const binaries = copied ? await copyBinaries(installed, target) : installed;
  if (account.made) log("PostgreSQL does not run as root: made the account siphms for it.");
  if (copied || folders.moved) {
    const parts = [
      copied ? `its programs lie in ${target}` : "",
      folders.moved ? `its data in ${folders.home}` : "",
    ];
    log(`The database's account cannot reach this folder: ${parts.filter(Boolean).join(", ")}.`);
  }
  return { account, folders, binaries };
}

async function preparePasswords(place: ServerPlace, secretsDir: string): Promise<Passwords> {
  const known = await loadPasswords(secretsDir);
  const hasData = (await stat(place.folders.cluster).catch(() => undefined)) !== undefined;
  if (known === undefined && hasData) {
    throw new LocalPostgresError(
      "PASSWORDS_MISSING",
      `There is a database in ${place.folders.cluster}, but its passwords are not in ${secretsDir}. ` +
        "Bring that folder back, or move the database away to begin with an empty one.",
    );
  }
  const passwords = known ?? (await createPasswords(secretsDir));
  if (!hasData) await initialise(place, passwords.owner);
  return passwords;
}

/** Takes over a running server of this folder; ends it where it does not answer, and clears a pid file that lies. */
async function adopt(place: ServerPlace, passwords: Passwords): Promise<Running | undefined> {
  const { cluster } = place.folders;
  const found = await readPostmaster(cluster);
  if (found === undefined) return undefined;
  if (!(await isServerOf(found.pid, cluster))) {
    // A dead process is left to PostgreSQL, which also looks for children that outlived it. A living one is somebody
    // else's: PostgreSQL would take it for a server and refuse. It still checks the shared memory without this file.
    if (await isAlive(found.pid)) await rm(path.join(cluster, "postmaster.pid"), { force: true });
    return undefined;
  }
  const { pid } = found;
  const socketDir = await socketOf(cluster);
  const url = ownerUrl(socketDir, passwords);
  if (socketDir !== "" && (await waitUntilReady(url, ADOPT_LIMIT_MS, () => false))) {
    return { pid, socketDir };
  }
  await end(pid);
  return undefined;
}

/** The server writes its socket's folder a moment after its own number. */
async function socketOf(cluster: string): Promise<string> {
  for (let attempt = 0; attempt < LAUNCH_ATTEMPTS; attempt += 1) {
    const found = await readPostmaster(cluster);
    if (found?.ready === true) return found.socketDir;
    await sleep(LAUNCH_PAUSE_MS);
  }
  return "";
}

async function start(
  place: ServerPlace,
  passwords: Passwords,
  options: LocalPostgresOptions,
): Promise<Running> {
  const socketDir = await placeSocket(place.folders.home, options.runDir, place.account);
  const url = ownerUrl(socketDir, passwords);
  for (let attempt = 0; attempt < LAUNCH_ATTEMPTS; attempt += 1) {
    const child = await launch(place, socketDir);
    const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
    if (child.pid !== undefined && (await waitUntilReady(url, READY_LIMIT_MS, ended))) {
      return { pid: child.pid, socketDir, child };
    }
    if (!ended() && child.pid !== undefined) await end(child.pid);
    // Children of a killed server may hold its memory for a moment longer; anything else will not mend by itself.
    if (!(await lastLogLine(place.folders)).includes("pre-existing shared memory")) break;
    await sleep(LAUNCH_PAUSE_MS);
  }
  throw new LocalPostgresError(
    "START_FAILED",
    `PostgreSQL did not start: ${await lastLogLine(place.folders)} (see ${place.folders.logFile})`,
  );
}

function ownerUrl(socketDir: string, passwords: Passwords): string {
  return connectionUrl(OWNER_ROLE, passwords.owner, { socketDir, database: "postgres" });
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
}

/**
 * An adopted server is not our child: its end can only be seen by looking.
 *
 * Looking keeps no program running, so whoever stops the server has to say so (`stopped`): else this would never settle.
 */
async function watch(pid: number, stopped: AbortSignal): Promise<void> {
  while (await isAlive(pid)) {
    await sleep(1_000, undefined, { ref: false, signal: stopped }).catch(() => undefined);
  }
}
