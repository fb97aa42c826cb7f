import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN_ROLE, DATABASE_NAME, startLocalPostgres } from "@siphms/local-postgres";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { filesUnder, findInBuffer, findInFiles } from "../system/clear-text.ts";
import { EnginePhone } from "../system/engine-phone.ts";
import { Installation, jsonOf, siphms, SIPHMS } from "../system/installation.ts";

const MRN = "MRN-Kq8Vw2Zp5";
const NAME = "Thistledown Quarrington";
const PROBLEM = "Ytterbiumish-problem-marker";
const MARKERS = [MRN, NAME, PROBLEM, "Thistledown", "Quarrington"];

const RESTORING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'siphms-backup'";
const WAITING = `${RESTORING} AND wait_event_type = 'Lock' AND wait_event = 'advisory'`;
/** Tables that a transaction has written to, seen from another one, to which they are not there. */
const WRITTEN = `SELECT count(DISTINCT relation) FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE application_name = 'siphms-backup' AND mode = 'RowExclusiveLock' AND relation >= 16384`;
const RELATIONS = `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
/** No other test uses this number on a database of its own. */
const HELD = 4711;
const PATIENCE = { timeout: 60_000, interval: 20 };

interface Made {
  readonly folder: string;
  readonly rows: number;
}

let installation: Installation;
let phone: EnginePhone;
let backups: string;
let made: Made;

/** The key-encryption key as its owner keeps it: apart from every disk of the hospital. */
let kek: Buffer;
/** The session of the commands. */
let login: Buffer;

beforeAll(async () => {
  installation = await Installation.start();
  backups = join(installation.data, "..", "backups");
  const person = ["--mrn", MRN, "--name", NAME, "--birth-date", "1950-07-01", "--problem", PROBLEM];
  await installation.json("patient", "add", ...person);
  phone = await (await EnginePhone.open()).enrol(MRN, installation);
  await phone.start();
  await measure(61);
  await measure(62);
  kek = readFileSync(join(installation.data, "secrets/kek"));
  login = readFileSync(join(installation.data, "run/login"));
  made = await installation.json<Made>("backup", "--to", backups);
});

afterAll(async () => {
  await phone.stop();
  await installation.remove();
});

/** Measures one heart rate and waits for its receipt. */
async function measure(value: number): Promise<void> {
  const before = phone.count("receipted");
  await phone.measure(value);
  await phone.until(() => phone.count("receipted") > before, "a receipt");
}

async function values(): Promise<readonly unknown[]> {
  return (await installation.readings(MRN)).map(({ value }) => value).sort();
}

/** Every row of every table as text, with bytes in hexadecimal. */
async function dumpTo(file: string): Promise<number> {
  const secrets = readFileSync(join(installation.data, "secrets/database-passwords.json"), "utf8");
  const { admin: password } = JSON.parse(secrets) as { admin: string };
  const host = join(installation.data, "pg/socket");
  const client = new Client({ host, user: ADMIN_ROLE, password, database: DATABASE_NAME });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'keystore')`,
    );
    const lines: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      lines.push(...rows.map(({ row }) => `${name} ${row}`));
    }
    writeFileSync(file, lines.join("\n"));
    return lines.length;
  } finally {
    await client.end();
  }
}

describe("before the disaster", () => {
  it("a drill tells how long a restore takes and what would be lost, beside the running hospital [HS-308a7D, HN-72h]", async () => {
    await measure(63);
    const drilled = await installation.json<{
      durationMs: number;
      ageMs: number;
      lost: { messages: number };
      restored: { rows: number };
    }>("drill", "--from", backups);
    expect(drilled).toMatchObject({ lost: { messages: 1 }, restored: { rows: made.rows } });
    expect(drilled.durationMs).toBeGreaterThan(0);
    expect(drilled.ageMs).toBeGreaterThan(0);
    expect(await values()).toEqual([61, 62, 63]);
  });

  it("no marker stands in dump, backup, exported log, gateway's disk or logs, in any form (SR-59) [HS-312a2iv, HS-312e1]", async () => {
    const kept = join(installation.data, "..", "looked-at");
    mkdirSync(kept);
    expect(await dumpTo(join(kept, "dump"))).toBeGreaterThan(made.rows / 2);
    const exported = await installation.run("audit", "export", join(kept, "log"));
    expect(exported.status, exported.stderr).toBe(0);
    const places = ["gateway", "logs"].map((name) => join(installation.data, name));
    const files = [kept, backups, ...places].flatMap(filesUnder);
    for (const name of ["dump", "records", "keys", "checkpoint", "queue.lmdb", "hospital.log"]) {
      expect(
        files.some((file) => file.endsWith(`/${name}`)),
        name,
      ).toBe(true);
    }
    expect(files.some((file) => file.includes("/tile/"))).toBe(true);
    expect(findInFiles(files, MARKERS)).toEqual([]);
    expect(findInBuffer("output", Buffer.from(installation.output), MARKERS)).toEqual([]);
    // The search does find what is there.
    writeFileSync(join(kept, "planted"), Buffer.from(NAME).toString("hex"));
    expect(findInFiles(filesUnder(kept), MARKERS).map(({ form }) => form)).toContain("hex");
  });

  it("a restore onto the running installation is refused", async () => {
    const { status, stderr } = await installation.run("restore", made.folder);
    expect(status).toBe(1);
    expect(stderr).toContain("in use");
    expect(await values()).toEqual([61, 62, 63]);
  });
});

describe("after the disaster", () => {
  beforeAll(async () => {
    await phone.stop();
    await installation.stop();
    // What the patient measures meanwhile stays on the phone.
    await phone.measure(64);
    rmSync(installation.data, { recursive: true });
  });

  it("nothing is restored without the key-encryption key [HS-308a7A, HS-312a2iv]", async () => {
    const { status, stderr } = await installation.run("restore", made.folder);
    expect(status).not.toBe(0);
    expect(stderr).toContain("KEK_MISSING");
  });

  it("a restore that is killed leaves nothing that a later one meets [HS-308a7A]", async () => {
    mkdirSync(join(installation.data, "secrets"), { recursive: true, mode: 0o700 });
    writeFileSync(join(installation.data, "secrets/kek"), kek, { mode: 0o600 });
    const folder = (name: string): string => join(installation.data, name);
    const database = await startLocalPostgres({
      ...{ dataDir: folder("pg"), runDir: folder("run"), secretsDir: folder("secrets") },
    });
    const address = new URL(database.ownerUrl);
    address.pathname = `/${DATABASE_NAME}`;
    const owner = new Client({ connectionString: address.href });
    await owner.connect();
    const count = async (sql: string): Promise<number> =>
      Number((await owner.query<{ count: string }>(sql)).rows[0]?.count);
    try {
      // Rights are granted behind the last row: there everything is loaded and nothing is committed.
      await owner.query(`SELECT pg_advisory_lock(${String(HELD)})`);
      await owner.query(
        `CREATE FUNCTION hold() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(${String(HELD)}); END $$;
         CREATE EVENT TRIGGER held ON ddl_command_end WHEN TAG IN ('GRANT') EXECUTE FUNCTION hold()`,
      );
      const args = [SIPHMS, "restore", made.folder, "--data", installation.data];
      const child = spawn(process.execPath, args, { stdio: "ignore", detached: true });
      const ended = once(child, "exit");
      await vi.waitUntil(async () => (await count(WAITING)) > 0, PATIENCE);
      expect(await count(WRITTEN)).toBeGreaterThan(20);
      process.kill(-child.pid!, "SIGKILL");
      expect(await ended).toEqual([null, "SIGKILL"]);
      await owner.query(`SELECT pg_advisory_unlock(${String(HELD)})`);
      await vi.waitUntil(async () => (await count(RESTORING)) === 0, PATIENCE);
      await owner.query("DROP EVENT TRIGGER held; DROP FUNCTION hold()");
      expect(await count(RELATIONS)).toBe(0);
    } finally {
      await owner.end();
      await database.stop();
    }
  });

  it("backup, destroy, restore: the hospital is as it was, and no reading comes twice [HS-308a7A, HS-308a7B, HS-310d2iv]", async () => {
    const again = await installation.run("restore", made.folder, "--json");
    expect(again.status, again.stderr).toBe(0);
    expect(jsonOf<Made>(again).rows).toBe(made.rows);
    await installation.launch();
    // The session that the commands had is closed.
    writeFileSync(join(installation.data, "run/login"), login, { mode: 0o600 });
    expect((await installation.run("readings", MRN)).status).toBe(1);
    installation.signInAnew();
    expect(await values()).toEqual([61, 62]);
    const before = phone.count("receipted");
    await phone.start();
    await phone.until(() => phone.count("receipted") > before, "a receipt");
    expect(await values()).toEqual([61, 62, 64]);
    await measure(65);
    expect(await values()).toEqual([61, 62, 64, 65]);
  });

  it("its records and its audit log are whole (SR-60) [HS-308a7B, HS-312b, HS-312c1]", async () => {
    const verified = await installation.run("audit", "verify");
    expect(verified, verified.stderr).toMatchObject({ status: 0 });
    const demo = await siphms(["up", "--demo", "--data", installation.data]);
    expect(demo.status).toBe(1);
  });
});
