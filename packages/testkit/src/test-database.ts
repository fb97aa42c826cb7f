import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";

import { startLocalPostgres } from "@siphms/local-postgres";

/** An empty database of its own for one test file. */
export interface TestDatabase {
  /** Address for the service's role, which has no rights until a migration grants them. */
  readonly url: string;
  /** Address for the role that owns the database and migrates it. */
  readonly adminUrl: string;
  /** Drops the database and its roles, and stops the shared server when no other test file uses it. */
  drop(): Promise<void>;
}

const LOCK_PAUSE_MS = 50;
const LOCK_LIMIT_MS = 90_000;

/**
 * Makes an empty database for one test file.
 *
 * With `DATABASE_ADMIN_URL` (a role that may create databases and roles) it is made there, else on an embedded server
 * that all test files of this checkout share: the first one starts it, the last one stops it.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const given = process.env["DATABASE_ADMIN_URL"];
  if (given !== undefined && given !== "") {
    const made = await makeDatabase(given);
    return { ...made, drop: () => dropDatabase(given, made) };
  }
  const server = await joinServer();
  const made = await makeDatabase(server.ownerUrl);
  return {
    ...made,
    drop: async () => {
      await dropDatabase(server.ownerUrl, made);
      await server.leave();
    },
  };
}

/**
 * Keeps the embedded server running between test files that come one after another: starting and stopping it took as long as
 * the tests of a small file.
 *
 * @returns What lets go of it.
 */
export async function holdTestServer(): Promise<() => Promise<void>> {
  if ((process.env["DATABASE_ADMIN_URL"] ?? "") !== "") return () => Promise.resolve();
  return (await joinServer()).leave;
}

interface JoinedServer {
  readonly ownerUrl: string;
  readonly leave: () => Promise<void>;
}

async function joinServer(): Promise<JoinedServer> {
  const shared = sharedFolder();
  const user = path.join(shared, "users", `${process.pid}-${randomBytes(6).toString("hex")}`);
  const ownerUrl = await withLock(shared, async () => {
    await writeFile(user, "");
    return (await startShared(shared)).ownerUrl;
  });
  return { ownerUrl, leave: () => withLock(shared, () => leave(shared, user)) };
}

interface MadeDatabase {
  readonly url: string;
  readonly adminUrl: string;
  readonly database: string;
}

async function makeDatabase(ownerUrl: string): Promise<MadeDatabase> {
  const database = `test_${randomBytes(8).toString("hex")}`;
  const password = randomBytes(18).toString("base64url");
  await runAll(ownerUrl, [
    `CREATE ROLE ${database}_admin LOGIN PASSWORD '${password}'`,
    `CREATE ROLE ${database}_service LOGIN PASSWORD '${password}'`,
    // A creator that is no superuser has to be a member of the role that it makes the owner.
    `GRANT ${database}_admin TO CURRENT_USER`,
    `CREATE DATABASE ${database} OWNER ${database}_admin`,
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${database} TO ${database}_service`,
  ]);
  const as = (role: string): string => {
    const url = new URL(ownerUrl);
    url.username = role;
    url.password = password;
    url.pathname = `/${database}`;
    return url.href;
  };
  return { url: as(`${database}_service`), adminUrl: as(`${database}_admin`), database };
}

async function dropDatabase(ownerUrl: string, { database }: MadeDatabase): Promise<void> {
  await runAll(ownerUrl, [
    `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`,
    `DROP ROLE IF EXISTS ${database}_service`,
    `DROP ROLE IF EXISTS ${database}_admin`,
  ]);
}

async function runAll(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** One folder for each user and checkout: another user could not read it, another checkout may have another release. */
function sharedFolder(): string {
  const checkout = createHash("sha256")
    .update(import.meta.url)
    .digest("hex")
    .slice(0, 8);
  return path.join(tmpdir(), `siphms-test-${String(userInfo().uid)}-${checkout}`);
}

async function startShared(shared: string): Promise<{ ownerUrl: string; stop(): Promise<void> }> {
  return startLocalPostgres({
    dataDir: path.join(shared, "pg"),
    runDir: path.join(shared, "run"),
    secretsDir: path.join(shared, "secrets"),
  });
}

async function leave(shared: string, user: string): Promise<void> {
  await rm(user, { force: true });
  for (const name of await readdir(path.join(shared, "users"))) {
    if (isAlive(Number.parseInt(name, 10))) return;
    // A worker that was killed left its mark behind.
    await rm(path.join(shared, "users", name), { force: true });
  }
  await (await startShared(shared)).stop();
}

async function withLock<T>(shared: string, task: () => Promise<T>): Promise<T> {
  await mkdir(path.join(shared, "users"), { recursive: true, mode: 0o711 });
  const lock = path.join(shared, "lock");
  const deadline = performance.now() + LOCK_LIMIT_MS;
  while (!(await take(lock))) {
    if (performance.now() > deadline)
      throw new Error(`test database: ${lock} is held for too long`);
    await sleep(LOCK_PAUSE_MS);
  }
  try {
    return await task();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch {
    const holder = Number(await readFile(lock, "utf8").catch(() => ""));
    // Between making the file and writing into it the holder reads as 0: wait.
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
