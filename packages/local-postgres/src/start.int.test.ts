import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { startLocalPostgres } from "@siphms/local-postgres";
import type { LocalPostgres, LocalPostgresOptions } from "@siphms/local-postgres";

const isRoot = process.getuid?.() === 0;
const ROOT_FOLDER = path.resolve(import.meta.dirname, "../../..");

let folder: string;
let running: LocalPostgres[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-lp-"));
  await chmod(folder, 0o755);
  running = [];
});

afterEach(async () => {
  for (const server of running) await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function options(base = folder): LocalPostgresOptions {
  return {
    dataDir: path.join(base, "pg"),
    runDir: path.join(base, "run"),
    secretsDir: path.join(base, "secrets"),
  };
}

async function start(given = options()): Promise<LocalPostgres> {
  const server = await startLocalPostgres(given);
  running.push(server);
  return server;
}

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

/** Program of a parent that starts the server and prints what it got. */
const PARENT = `
import { startLocalPostgres } from "@siphms/local-postgres";
const [dataDir, runDir, secretsDir] = process.argv.slice(1);
const { url, adminUrl, pid, adopted } = await startLocalPostgres({ dataDir, runDir, secretsDir });
process.stdout.write(JSON.stringify({ url, adminUrl, pid, adopted, uid: process.getuid() }) + "\\n");
process.stdin.on("data", () => undefined);
`;

interface Seen {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  readonly adopted: boolean;
  readonly uid: number;
}

/** Starts the server from a process of its own and kills that process without a warning. */
async function startAndKillParent(given: LocalPostgresOptions, asUser: readonly string[] = []) {
  const node = [process.execPath, "--import", "tsx", "--conditions=siphms-source"];
  const program = [...asUser, ...node, "--input-type=module", "--eval", PARENT];
  const parameters = [given.dataDir, given.runDir, given.secretsDir];
  const [command = "", ...rest] = [...program, ...parameters];
  const parent = spawn(command, rest, {
    cwd: path.join(ROOT_FOLDER, "packages/local-postgres"),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  parent.kill("SIGKILL");
  await once(parent, "exit");
  return JSON.parse(line.toString()) as Seen;
}

describe("the embedded PostgreSQL", () => {
  it("gives the service a connection that may use the database but make nothing in it", async () => {
    const server = await start();
    expect(await query(server.url, "SELECT current_user")).toEqual(["siphms_service"]);
    await expect(query(server.url, "CREATE TABLE t (a int)")).rejects.toThrow("permission denied");
    await expect(query(server.url, "CREATE ROLE r")).rejects.toThrow("permission denied");
  });

  it("gives the migrating role the database, but not the server", async () => {
    const server = await start();
    await query(server.adminUrl, "CREATE TABLE t (a int)");
    await expect(query(server.adminUrl, "CREATE DATABASE d")).rejects.toThrow("permission denied");
  });

  it("refuses a wrong password, listens on no network, and syncs to disk", async () => {
    const server = await start();
    const wrong = server.url.replace(/:[^:@]+@/, ":wrong@");
    await expect(query(wrong, "SELECT 1")).rejects.toThrow("password authentication failed");
    expect(await query(server.url, "SHOW listen_addresses")).toEqual([""]);
    expect(await query(server.url, "SHOW fsync")).toEqual(["on"]);
  });

  it("keeps data and secrets from other users, and never runs as root", async () => {
    const server = await start();
    for (const private_ of ["pg", "run", "secrets"]) {
      expect((await stat(path.join(folder, private_))).mode & 0o777).toBe(0o700);
    }
    const secret = await stat(path.join(folder, "secrets", "database-passwords.json"));
    expect(secret.mode & 0o777).toBe(0o600);
    expect((await stat(server.dataDir)).uid).not.toBe(0);
  });

  it("stops within its time and starts again with the data", async () => {
    const first = await start();
    await query(first.adminUrl, "CREATE TABLE t AS SELECT 7 AS a");
    await first.stop();
    await first.ended;
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.adminUrl, "SELECT a FROM t")).toEqual([7]);
  });

  it("recovers what was committed when the server itself is killed", async () => {
    const first = await start();
    await query(first.adminUrl, "CREATE TABLE t AS SELECT 7 AS a");
    process.kill(first.pid, "SIGKILL");
    await first.ended;
    const second = await start();
    expect(await query(second.adminUrl, "SELECT a FROM t")).toEqual([7]);
  });

  it("takes over the server of a killed parent", async () => {
    const seen = await startAndKillParent(options());
    const server = await start();
    expect(server.adopted).toBe(true);
    expect(server.pid).toBe(seen.pid);
    expect(server.url).toBe(seen.url);
    await server.stop();
    await server.ended;
  });

  it("starts beside a pid file that names a living process of somebody else", async () => {
    const first = await start();
    const pidFile = path.join(first.dataDir, "postmaster.pid");
    const text = await readFile(pidFile, "utf8");
    await first.stop();
    await writeFile(pidFile, text.replace(/^\d+/, String(process.ppid)));
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, "SELECT 1")).toEqual([1]);
  });

  it("starts beside a pid file that names a process that has ended", async () => {
    const first = await start();
    const pidFile = path.join(first.dataDir, "postmaster.pid");
    const text = await readFile(pidFile, "utf8");
    await first.stop();
    const gone = spawnSync(process.execPath, ["--version"]).pid;
    await writeFile(pidFile, text.replace(/^\d+/, String(gone)), { mode: 0o600 });
    if (isRoot) execFileSync("chown", ["--reference", first.dataDir, pidFile]);
    expect((await start()).adopted).toBe(false);
  });

  it("puts the socket into a short private folder where its path would be too long", async () => {
    const deep = path.join(folder, "d".repeat(60), "e".repeat(60));
    const server = await start(options(deep));
    const named = (await readFile(path.join(deep, "run", "postgres-socket-folder"), "utf8")).trim();
    expect((await stat(named)).mode & 0o777).toBe(0o700);
    expect(await query(server.url, "SELECT 1")).toEqual([1]);
    await server.stop();
    const again = await start(options(deep));
    expect(again.url).toBe(server.url);
    await again.stop();
    await rm(named, { recursive: true });
  });

  it("throws away a database that was only half made", async () => {
    await mkdir(path.join(folder, "pg", "data.part", "base"), { recursive: true });
    const server = await start();
    expect(await query(server.url, "SELECT 1")).toEqual([1]);
    await expect(access(path.join(folder, "pg", "data.part"))).rejects.toThrow("ENOENT");
  });

  it("says which passwords are missing instead of making new ones beside old data", async () => {
    await (await start()).stop();
    await rm(path.join(folder, "secrets"), { recursive: true });
    await expect(start()).rejects.toMatchObject({
      code: "PASSWORDS_MISSING",
      message: expect.stringContaining(path.join(folder, "secrets")) as string,
    });
  });
});

describe.skipIf(!isRoot)("the embedded PostgreSQL started by root", () => {
  it("moves the data where the account can reach them, says so once, and finds them again", async () => {
    await chmod(folder, 0o700);
    const lines: string[] = [];
    const first = await start({ ...options(), log: (line) => lines.push(line) });
    expect(first.dataDir).toMatch(/^\/var\/lib\/siphms\//);
    expect(lines).toHaveLength(1);
    await query(first.adminUrl, "CREATE TABLE t AS SELECT 7 AS a");
    await first.stop();
    await chmod(folder, 0o755);
    const second = await start();
    expect(second.dataDir).toBe(first.dataDir);
    expect(await query(second.adminUrl, "SELECT a FROM t")).toEqual([7]);
    await second.stop();
    await rm(path.dirname(first.dataDir), { recursive: true });
  });
});

const AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const canDrop = isRoot && canRead(path.join(ROOT_FOLDER, "node_modules/pg/package.json"));

function canRead(file: string): boolean {
  const [command = "", ...parameters] = AS_NOBODY;
  return spawnSync(command, [...parameters, "test", "-r", file]).status === 0;
}

describe.skipIf(!canDrop)("the embedded PostgreSQL started by an ordinary user", () => {
  it("runs as that user, and is taken over after its parent was killed", async () => {
    const home = path.join(folder, "home");
    await mkdir(home);
    execFileSync("chown", ["65534:65534", home]);
    const first = await startAndKillParent(options(home), AS_NOBODY);
    const second = await startAndKillParent(options(home), AS_NOBODY);
    expect(first.uid).toBe(65534);
    expect(second).toEqual({ ...first, adopted: true });
    expect((await stat(path.join(home, "pg"))).uid).toBe(65534);
    // Root goes on with the account that owns the data.
    expect((await start(options(home))).adopted).toBe(true);
  });
});
