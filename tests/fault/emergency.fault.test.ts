/**
 * Emergency mode as the program that an operator starts, over a streaming replica whose primary is gone: its disk is filled to
 * the last byte, it is killed while many look, and the replica becomes the hospital's server. Debian's PostgreSQL, as the
 * embedded one has no replication.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CONSOLE_PATHS, EMERGENCY_HEADER, SESSION_COOKIE } from "@siphms/api";
import { toHex } from "@siphms/cose";
import { silentLogger, systemClock } from "@siphms/server-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuditWriter } from "../../apps/hospital/src/audit/index.ts";
import { openDatabase, withAudit, type Database } from "../../apps/hospital/src/database/index.ts";
import { ENTRIES_FOLDER, mergeEntryFiles } from "../../apps/hospital/src/emergency/index.ts";
import { recogniseServer } from "../../apps/hospital/src/known-server.ts";
import { putInCare } from "../../apps/hospital/src/testing/access-world.ts";
import { addPatient, HOSPITAL } from "../../apps/hospital/src/testing/hospital-world.ts";
import {
  createLogInWorld,
  PASSWORD,
  setUpPassword,
  type LogInWorld,
  type WithPassword,
} from "../../apps/hospital/src/testing/log-in-world.ts";
import { SmallDisk, whyNoSmallDisk } from "../faults-kit/small-disk.ts";
import { DebianPostgres, hasDebianPostgres } from "../system/debian-postgres.ts";
import { freePort } from "../system/installation.ts";

const MAIN = fileURLToPath(new URL("../../apps/hospital/dist/main.js", import.meta.url));
const PATIENT = "0b5c2f9e-1111-4222-8333-444455556666";
const NAME = "Ada Canary";
const LOOKERS = 8;
const missing = hasDebianPostgres ? whyNoSmallDisk : "Debian's PostgreSQL 15 is not here";

let primary: DebianPostgres;
let standby: DebianPostgres;
let world: LogInWorld;
let nurse: WithPassword;
let disk: SmallDisk;
let data: string;
let origin: string;
let child: ChildProcess | undefined;

const serviceUrl = (server: DebianPostgres): string => {
  const { username, pathname } = new URL(world.test.url);
  return server.url(username, pathname.slice(1));
};

/** Starts emergency mode over the standby, and waits until it listens. */
const start = async (): Promise<void> => {
  const program = spawn(process.execPath, [MAIN, "emergency"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      DATABASE_URL: serviceUrl(standby),
      SIPHMS_DATA: data,
      SIPHMS_HOSPITAL_PORT: new URL(origin).port,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = program;
  for await (const line of createInterface({ input: program.stdout })) {
    if (line.includes('"ready":true')) return;
  }
  throw new Error("emergency mode did not start");
};

const ask = (method: "GET" | "POST", path: string, more: { cookie?: string; body?: object } = {}) =>
  fetch(`${origin}${path}`, {
    method,
    headers: {
      origin,
      "sec-fetch-site": "same-origin",
      ...(more.cookie === undefined ? {} : { cookie: `${SESSION_COOKIE}=${more.cookie}` }),
      ...(more.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
  });

/** Signs the nurse in. A code works once, so whoever does it again waits for the next. */
const signIn = async (): Promise<string> => {
  const body = { name: nurse.name, password: PASSWORD, code: nurse.code(systemClock.now()) };
  const answer = await ask("POST", CONSOLE_PATHS.logInPassword, { body });
  expect(answer.status).toBe(200);
  return /__Host-siphms=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "";
};

beforeAll(async () => {
  if (missing !== "") return;
  primary = await DebianPostgres.start();
  const before = process.env["DATABASE_ADMIN_URL"];
  process.env["DATABASE_ADMIN_URL"] = primary.url("owner", "postgres");
  world = await createLogInWorld();
  if (before === undefined) delete process.env["DATABASE_ADMIN_URL"];
  else process.env["DATABASE_ADMIN_URL"] = before;
  nurse = await setUpPassword(world, "Nurse At Night", { role: "nurse" });
  await addPatient(world, { id: PATIENT, mrn: "CANARY-1", name: NAME });
  await putInCare(world, nurse.name, PATIENT);
  await recognise(world.database);
  standby = await primary.startStandby();
  await world.database.close();
  // As a machine that burns: nothing of it answers any more.
  await primary.stop();
  disk = SmallDisk.mount(2);
  data = join(disk.folder, "data");
  mkdirSync(join(data, "secrets"), { recursive: true, mode: 0o700 });
  writeFileSync(join(data, "secrets", "kek"), toHex(world.kek.bytes), { mode: 0o600 });
  origin = `http://localhost:${await freePort()}`;
});

afterAll(async () => {
  if (missing !== "") return;
  child?.kill("SIGKILL");
  await standby.stop();
  disk.unmount();
});

const patientPath = `/api/patients/${PATIENT}`;

describe.skipIf(missing !== "")(`emergency mode over a replica${missing && `: ${missing}`}`, () => {
  let cookie: string;

  it("shows the records of a server that is gone, on one that takes no writes [HS-308a7C] [HS-312a2ii]", async () => {
    expect(await standby.ask("SELECT pg_is_in_recovery()")).toBe(true);
    await start();
    cookie = await signIn();
    const answer = await ask("GET", patientPath, { cookie });
    expect([answer.status, answer.headers.has(EMERGENCY_HEADER)]).toEqual([200, true]);
    expect(await answer.text()).toContain(NAME);
    const [file] = readdirSync(join(data, ENTRIES_FOLDER));
    expect(statSync(join(data, ENTRIES_FOLDER, file ?? "")).mode & 0o777).toBe(0o600);
  });

  it("shows nothing on a disk without room, and goes on when there is some (SR-61) [HS-312b]", async () => {
    disk.fill();
    const looks: number[] = [];
    // The last page of the file has room for some more.
    while (looks.at(-1) !== 503 && looks.length < 200) {
      const answer = await ask("GET", patientPath, { cookie });
      looks.push(answer.status);
      if (answer.status === 503) expect(await answer.text()).not.toMatch(/Canary|CANARY/);
    }
    expect(looks.at(-1)).toBe(503);
    expect((await ask("GET", CONSOLE_PATHS.patients, { cookie })).status).toBe(503);
    disk.free();
    expect((await ask("GET", patientPath, { cookie })).status).toBe(200);
  });

  it("killed while many look loses no look that was shown, and the log gets each once [HS-312b] [HS-308a7C]", async () => {
    let shown = 0;
    let isOver = false;
    const look = async (): Promise<void> => {
      while (!isOver) {
        const answer = await ask("GET", CONSOLE_PATHS.patients, { cookie }).catch(() => undefined);
        if (answer === undefined) return;
        if (answer.status === 200) shown += 1;
      }
    };
    const lookers = Array.from({ length: LOOKERS }, look);
    while (shown < 40) await wait(5);
    child?.kill("SIGKILL");
    isOver = true;
    await Promise.all(lookers);
    await standby.run("SELECT pg_promote()");
    const database = withAudit(
      await openDatabase({ url: serviceUrl(standby) }),
      createAuditWriter(world),
    );
    try {
      const before = await looksIn(database);
      const report = await merge(database);
      expect(report.files).toHaveLength(2);
      for (const file of report.files) expect(file).toMatchObject({ kind: "merged" });
      const merged = (await looksIn(database)) - before;
      // Those that were asked for at the end may be there without an answer; the other way round, never.
      expect(merged).toBeGreaterThanOrEqual(shown);
      expect(merged).toBeLessThanOrEqual(shown + LOOKERS);
      const again = await merge(database);
      expect(again.files.map((file) => file.kind === "merged" && file.added)).toEqual([0, 0]);
    } finally {
      await database.close();
    }
  });

  it("is another server to the hospital that starts on it: everybody signs in anew, once (SR-31) [HS-308a7B]", async () => {
    const database = withAudit(
      await openDatabase({ url: serviceUrl(standby) }),
      createAuditWriter(world),
    );
    try {
      expect(await signedIn(database)).toBeGreaterThan(0);
      expect(await recognise(database)).toBe(true);
      expect(await signedIn(database)).toBe(0);
      expect(await recognise(database)).toBe(false);
    } finally {
      await database.close();
    }
  });
});

/** As the hospital does at its start. */
const recognise = (database: Database) =>
  recogniseServer(
    { ...world, database, installation: HOSPITAL },
    { clock: systemClock, log: silentLogger },
  );

/** How many are signed in. */
const signedIn = async (database: Database): Promise<number> => {
  const { rows } = await database.query("SELECT count(*) AS count FROM staff_sessions");
  return rows[0]?.number("count") ?? 0;
};

const merge = (database: Database) =>
  mergeEntryFiles("operator", { ...world, database, dataFolder: data });

/** How often the log says that the worklist was shown. */
const looksIn = async (database: Database): Promise<number> => {
  const { rows } = await database.query(
    "SELECT count(*) AS count FROM audit_events WHERE event = 'data.disclosed' AND object = 'worklist'",
  );
  return rows[0]?.number("count") ?? 0;
};
