/**
 * The hospital as a real process that is killed at each step of each rotation of a key (SIGKILL, by strace in the midst of a
 * system call or by the test while a statement waits in the database). After each kill it starts with what its settings name
 * and reads what was written before; then the rotation is done again, to its end.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger as log } from "@siphms/server-kit";
import { createTestDatabase, type TestDatabase } from "@siphms/testkit";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createOperatorClient,
  type OperatorClient,
} from "../../apps/cli/src/installation/operator-client.ts";
import { openInstalled } from "../../apps/hospital/src/foundation.ts";
import { loadHospitalSettings } from "../../apps/hospital/src/settings.ts";
import { Strace, whyNoStrace } from "../faults-kit/strace.ts";
import { freePort } from "../system/installation.ts";

const MAIN = fileURLToPath(new URL("../../apps/hospital/dist/main.js", import.meta.url));
const PATIENT = randomUUID();
const PATIENCE = { timeout: 30_000 };
const why = whyNoStrace === "" ? "" : ` (skipped: ${whyNoStrace})`;

let test: TestDatabase;
let data: string;
let owner: Client;
let environment: Record<string, string>;
let hospital: ChildProcess | undefined;
let operator: OperatorClient | undefined;
/** The identities before anything was rotated. */
let first: string;

beforeAll(async () => {
  test = await createTestDatabase();
  data = mkdtempSync(join(tmpdir(), "siphms-rotation-"));
  owner = new Client({ connectionString: test.adminUrl });
  await owner.connect();
  environment = {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: test.url,
    DATABASE_ADMIN_URL: test.adminUrl,
    SIPHMS_DATA: data,
    HOSPITAL_ID: "city-hospital",
    SIPHMS_HOSPITAL_NAME: "City Hospital",
    SIPHMS_HOSPITAL_GATEWAYS: "http://127.0.0.1:1",
    // strace counts the calls of each thread for itself.
    UV_THREADPOOL_SIZE: "1",
    SIPHMS_LOG_LEVEL: "error",
  };
  const made = spawn(process.execPath, [MAIN, "init"], { env: environment, stdio: "ignore" });
  expect(await once(made, "exit")).toEqual([0, null]);
  const { database, keyring } = await openInstalled(loadHospitalSettings(environment), log);
  await database.withTransaction((tx) => keyring.createPatientKey(tx, PATIENT, 0));
  await database.close();
  await start();
  first = (await running().keyStatus()).identities[0]?.kid ?? "";
});
beforeEach(async () => {
  // A test that failed may have left none.
  if (!isRunning()) await start();
});
afterEach(async () => {
  await owner.query("DROP TRIGGER IF EXISTS held ON keystore.installation_keys");
  await owner.query("DROP TRIGGER IF EXISTS held ON hospital_keys");
  await owner.query("DROP TRIGGER IF EXISTS held ON audit_events");
});
afterAll(async () => {
  await kill();
  await owner.end();
  await test.drop();
  rmSync(data, { recursive: true });
});

async function start(): Promise<void> {
  // Others each time: somebody else may have taken the last ones meanwhile.
  const [port, appPort] = [String(await freePort()), String(await freePort())];
  hospital = spawn(process.execPath, [MAIN], {
    env: { ...environment, SIPHMS_HOSPITAL_PORT: port, SIPHMS_HOSPITAL_APP_PORT: appPort },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(hospital, "exit").then(() => Promise.reject(new Error("did not start")));
  ended.catch(() => undefined);
  await Promise.race([once(hospital.stdout!, "data"), ended]);
  operator = createOperatorClient(join(data, "run", "hospital.sock"));
}

const running = (): OperatorClient => {
  if (operator === undefined) throw new Error("no hospital runs");
  return operator;
};

const isRunning = (): boolean => hospital?.exitCode === null && hospital.signalCode === null;

async function kill(): Promise<void> {
  operator?.close();
  if (hospital === undefined || !isRunning()) return;
  const exit = once(hospital, "exit");
  hospital.kill("SIGKILL");
  await exit;
}

/** Kills the hospital as it makes a system call for the nth time: before that has changed anything. */
async function killAtCall(calls: string, nth: number, work: () => Promise<unknown>): Promise<void> {
  const exit = once(hospital!, "exit");
  const strace = await Strace.attach([hospital!.pid!], {
    only: calls,
    inject: `${calls}:signal=KILL:when=${String(nth)}`,
  });
  try {
    await expect(work()).rejects.toThrow();
    expect(await exit).toEqual([null, "SIGKILL"]);
  } finally {
    await strace.stop();
  }
}

/** Holds every statement of a kind on a table by a trigger that waits for the test, kills the hospital there, and lets go. */
async function killInDatabase(
  [timing, statement, table]: readonly [string, string, string],
  work: () => Promise<unknown>,
): Promise<void> {
  await owner.query("SELECT pg_advisory_lock(4711)");
  await owner.query(
    "CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN coalesce(NEW, OLD); END $$",
  );
  await owner.query(
    `CREATE TRIGGER held ${timing} ${statement} ON ${table} FOR EACH ROW EXECUTE FUNCTION hold()`,
  );
  const failed = expect(work()).rejects.toThrow();
  await vi.waitUntil(async () => (await waiting()) > 0, PATIENCE);
  await kill();
  await failed;
  await owner.query("SELECT pg_advisory_unlock(4711)");
  // The database notices only then that nobody is there any more.
  await vi.waitUntil(async () => (await connected()) === 0, PATIENCE);
}

const count = async (sql: string): Promise<number> => {
  const { rows } = await owner.query<{ count: number }>(sql);
  return Number(rows[0]?.count);
};
const waiting = () =>
  count(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted",
  );
const connected = () =>
  count(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user",
  );
const rows = () => count("SELECT count(*) FROM keystore.installation_keys");
/** But for the retired keys, and for what a kill in the midst of writing left, which nobody reads. */
const files = (): string =>
  readdirSync(join(data, "secrets"))
    .filter((name) => !name.startsWith("kek.retired-") && !name.endsWith(".part"))
    .join(" ");

/** Starts what was killed, and sees that it opens all that there is. */
async function startsAndReads(): Promise<void> {
  await start();
  const { identities } = await running().keyStatus();
  expect(identities[0]?.kid).toBe(first);
  expect(identities.filter(({ state }) => state === "current")).toHaveLength(1);
  expect((await running().kekStatus()).opens).toBe(true);
  const { findings, swept } = await running().check();
  expect(swept["keystore.patient_keys"]).toBe(1);
  expect(swept["hospital_keys"]).toBeGreaterThan(1);
  expect(findings.filter(({ check }) => /keys/.test(check))).toEqual([]);
}

/** Does the rotation again: nothing that was left behind is in its way. */
async function rotatesToTheEnd(): Promise<void> {
  const { current } = await running().kekStatus();
  const { fingerprint, dropped } = await running().rotateKek({});
  expect(dropped).toContain(current);
  expect(await running().kekStatus()).toMatchObject({ current: fingerprint, opens: true });
  expect(await rows()).toBe(1);
  expect(files()).toBe("kek");
}

describe(`killed while it rotates the key-encryption key [HS-312a2iv] (SR-35)${why}`, () => {
  const rotate = () => running().rotateKek({});

  it.skipIf(whyNoStrace !== "").each([
    ["before the new key has its name", "link,linkat", 1, { rows: 1, files: "kek" }],
    [
      "once both keys open, before the old one has its second name",
      "link,linkat",
      2,
      { rows: 2, files: "kek kek.next" },
    ],
    [
      "before the new key takes the old one's place",
      "rename,renameat,renameat2",
      1,
      { rows: 2, files: "kek kek.next" },
    ],
  ] as const)("%s, it starts and loses nothing", async (_when, calls, nth, left) => {
    await killAtCall(calls, nth, rotate);
    expect(await rows()).toBe(left.rows);
    expect(files()).toBe(left.files);
    await startsAndReads();
    await rotatesToTheEnd();
  });

  it("before both keys open, it starts and loses nothing", async () => {
    await killInDatabase(["BEFORE", "INSERT", "keystore.installation_keys"], rotate);
    expect([await rows(), files()]).toEqual([1, "kek kek.next"]);
    await startsAndReads();
    await rotatesToTheEnd();
  });

  it("before the old key opens no more, it starts with the new one, and the rest can be done", async () => {
    const old = readFileSync(join(data, "secrets", "kek"), "utf8");
    await killInDatabase(["BEFORE", "DELETE", "keystore.installation_keys"], rotate);
    expect([await rows(), files()]).toEqual([2, "kek"]);
    expect(readFileSync(join(data, "secrets", "kek"), "utf8")).not.toBe(old);
    await startsAndReads();
    expect((await running().finishKek()).dropped).toHaveLength(1);
    expect(await rows()).toBe(1);
    await rotatesToTheEnd();
  });

  it("while the audit log is told of it, neither is true", async () => {
    await killInDatabase(["AFTER", "INSERT", "audit_events"], rotate);
    expect(await rows()).toBe(1);
    await startsAndReads();
    await rotatesToTheEnd();
  });
});

describe("killed while it rotates its identity (SR-35)", () => {
  it.each([
    ["while the old one is retired", ["BEFORE", "UPDATE", "hospital_keys"]],
    ["while the new one is stored", ["BEFORE", "INSERT", "hospital_keys"]],
    ["while the audit log is told of it", ["AFTER", "INSERT", "audit_events"]],
  ] as const)("%s, it starts with the old one and can do it again", async (_when, place) => {
    const before = (await running().keyStatus()).identities;
    const rotation = { key: "identity", oldKeyDays: 90 } as const;
    await killInDatabase(place, () => running().rotateKey(rotation));
    await startsAndReads();
    expect((await running().keyStatus()).identities).toEqual(before);
    const { oldKid } = await running().rotateKey(rotation);
    expect(oldKid).toBe(before.at(-1)?.kid);
  });
});

describe("killed while it rotates the audit log's key [HS-312b]", () => {
  it.each([
    ["while the old one is retired", ["BEFORE", "UPDATE", "hospital_keys"]],
    ["while the new one is stored", ["BEFORE", "INSERT", "hospital_keys"]],
    ["while the log itself is told of it", ["AFTER", "INSERT", "audit_events"]],
  ] as const)("%s, it starts with the old one and can do it again", async (_when, place) => {
    const before = (await running().publicKeys()).logs;
    await killInDatabase(place, () => running().rotateLog());
    await startsAndReads();
    expect((await running().publicKeys()).logs).toEqual(before);
    const { origin, key } = await running().rotateLog();
    expect(origin).toBe(`siphms/city-hospital/audit/${before.length + 1}`);
    const { logs } = await running().publicKeys();
    expect(logs.map(({ state }) => state)).toEqual([...before.map(() => "retired"), "current"]);
    expect(logs.at(-1)).toMatchObject({ origin, key });
  });
});
