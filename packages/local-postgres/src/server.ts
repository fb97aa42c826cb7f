import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chown, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";

import type { Binaries } from "./binaries.ts";
import { LocalPostgresError } from "./errors.ts";
import type { Folders } from "./folders.ts";
import { isAlive } from "./postmaster.ts";
import { OWNER_ROLE } from "./roles.ts";
import type { RunAs } from "./run-as.ts";

/** Time for a fast shutdown, which ends the clients and writes a checkpoint. */
const STOP_LIMIT_MS = 20_000;
/** Time for an immediate shutdown, after which the next start recovers from the log. */
const ABORT_LIMIT_MS = 5_000;
const POLL_MS = 25;

/** What is needed to run one of the server's programs. */
export interface ServerPlace {
  readonly binaries: Binaries;
  readonly folders: Folders;
  readonly account: RunAs;
}

/**
 * Makes an empty database cluster; the data folder appears whole or not at all.
 *
 * @throws {LocalPostgresError} `INIT_FAILED`
 */
export async function initialise(place: ServerPlace, ownerPassword: string): Promise<void> {
  const { folders, account } = place;
  const half = `${folders.cluster}.part`;
  const passwordFile = path.join(folders.home, "initial-password");
  await rm(half, { recursive: true, force: true });
  await writeFile(passwordFile, `${ownerPassword}\n`, { mode: 0o600 });
  try {
    if (account.drop) await chown(passwordFile, account.uid, account.gid);
    const child = spawn(
      program(place, "initdb"),
      [
        `--pgdata=${half}`,
        `--username=${OWNER_ROLE}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--lc-messages=C",
        "--no-instructions",
      ],
      { ...identity(place), stdio: ["ignore", "ignore", "pipe"] },
    );
    const said = collect(child);
    await finished(child, said);
    await rename(half, folders.cluster);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function finished(child: ChildProcess, said: () => string): Promise<void> {
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code === 0) return;
  } catch (cause) {
    throw new LocalPostgresError("INIT_FAILED", "The PostgreSQL program initdb did not start.", {
      cause,
    });
  }
  throw new LocalPostgresError("INIT_FAILED", `PostgreSQL made no database: ${lastLine(said())}`);
}

/**
 * Starts the server in a session of its own, so that a Ctrl-C at the terminal does not reach it before its clients.
 *
 * Its log goes to a file: a pipe would break when this process is killed.
 */
export async function launch(place: ServerPlace, socketDir: string): Promise<ChildProcess> {
  const { folders } = place;
  await rename(folders.logFile, `${folders.logFile}.1`).catch(() => undefined);
  const log = await open(folders.logFile, "a", 0o600);
  try {
    const child = spawn(
      program(place, "postgres"),
      ["-D", folders.cluster, ...settings(socketDir)],
      {
        ...identity(place),
        stdio: ["ignore", log.fd, log.fd],
        detached: true,
      },
    );
    await Promise.race([once(child, "spawn"), once(child, "error").then(failed)]);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

function failed(event: unknown[]): never {
  throw new LocalPostgresError("START_FAILED", "The PostgreSQL program did not start.", {
    cause: event[0],
  });
}

function settings(socketDir: string): readonly string[] {
  const values: Record<string, string> = {
    listen_addresses: "",
    port: "5432",
    unix_socket_directories: socketDir,
    unix_socket_permissions: "0700",
    password_encryption: "scram-sha-256",
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    // A statement or a DETAIL line could carry a patient's data into the log.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_statement: "none",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/**
 * Waits until the server takes connections.
 *
 * @param ended - Tells whether the server has ended meanwhile.
 * @returns False when it ended, or when the time was over.
 */
export async function waitUntilReady(
  url: string,
  limitMs: number,
  ended: () => boolean,
): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline && !ended()) {
    if (await answers(url)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // Without a listener an error between connect and end would end this process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Ends a server that is known to be ours: fast shutdown, then immediate, then by force.
 *
 * @throws {LocalPostgresError} `STOP_FAILED` when even that does not end it.
 */
export async function end(pid: number): Promise<void> {
  const steps: readonly (readonly [NodeJS.Signals, number])[] = [
    ["SIGINT", STOP_LIMIT_MS],
    ["SIGQUIT", ABORT_LIMIT_MS],
    ["SIGKILL", ABORT_LIMIT_MS],
  ];
  for (const [signal, limitMs] of steps) {
    if (!send(pid, signal)) return;
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      if (!(await isAlive(pid))) return;
      await sleep(POLL_MS);
    }
  }
  throw new LocalPostgresError("STOP_FAILED", `PostgreSQL (process ${pid}) does not end.`);
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // It has ended by itself.
    return false;
  }
}

/** Last line of the server's log, for an error message: its settings keep data out of it. */
export async function lastLogLine(folders: Folders): Promise<string> {
  return lastLine(await readFile(folders.logFile, "utf8").catch(() => ""));
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (part: Buffer) => {
    text += part.toString("utf8");
  });
  return () => text;
}

function program({ binaries }: ServerPlace, name: "initdb" | "postgres"): string {
  return path.join(binaries.home, "bin", name);
}

function identity({ account, folders }: ServerPlace): {
  uid?: number;
  gid?: number;
  cwd: string;
  env: NodeJS.ProcessEnv;
} {
  // A clean environment: PG* variables of the caller would change what the programs do.
  const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" };
  const base = { cwd: folders.home, env };
  return account.drop ? { ...base, uid: account.uid, gid: account.gid } : base;
}
