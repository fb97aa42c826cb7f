import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestDatabase } from "@siphms/testkit";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from "vitest";
import { beginNextLog } from "../audit/index.ts";
import {
  askAsOwner,
  createBackupWorld,
  emptyDatabase,
  relationsIn,
  type BackupWorld,
} from "../testing/backup-world.ts";
import { HOSPITAL, log } from "../testing/hospital-world.ts";
import {
  createBackupJob,
  drillBackup,
  listBackups,
  newestBackup,
  newestToTry,
  type BackupNotes,
  type MadeBackup,
} from "./index.ts";

const HOUR_MS = 3_600_000;
const BOTH = ["keys", "records"];
const FILES = [...BOTH, "whole"];

let world: BackupWorld;

const owner = () => ({ hospital: HOSPITAL.hospitalId, keyring: world.keyring });
const ownedNow = () => ({ ...owner(), now: world.clock.now() });

beforeAll(async () => {
  world = await createBackupWorld();
});

afterAll(() => world.close());

describe("a backup", () => {
  it("is a folder of three files that nobody else can read, and holds neither key-encryption key nor patient data [HS-308a7A, HS-312a2iv]", async () => {
    const { folder, rows, bytes } = await world.backUp();
    expect((await readdir(folder)).sort()).toEqual(FILES);
    expect(rows).toBeGreaterThan(10);
    const modes = await Promise.all(
      [folder, ...FILES.map((name) => path.join(folder, name))].map(async (file) =>
        ((await stat(file)).mode & 0o777).toString(8),
      ),
    );
    expect(modes).toEqual(["700", "600", "600", "600"]);
    const files = await Promise.all(FILES.map((name) => readFile(path.join(folder, name))));
    expect(files.slice(0, 2).reduce((sum, file) => sum + file.length, 0)).toBe(bytes);
    const { kek, installationKey } = world;
    const secrets = [kek.bytes, installationKey.bytes].map((key) => Buffer.from(key));
    for (const secret of [...secrets, Buffer.from("Ada Invented")]) {
      const hex = secret.toString("hex");
      for (const file of files) {
        expect(file.includes(secret)).toBe(false);
        expect(file.toString("latin1").toLowerCase().includes(hex)).toBe(false);
      }
    }
  });

  it("has time, whatever limits the server has for its role", async () => {
    await world.database.query("ALTER ROLE CURRENT_USER SET statement_timeout = '1ms'");
    try {
      expect((await world.backUp()).rows).toBeGreaterThan(0);
    } finally {
      await world.database.query("ALTER ROLE CURRENT_USER RESET statement_timeout");
    }
  });

  it("shows one moment, although readings go on coming in [HS-308a7A]", async () => {
    const feed = { isOn: true, count: 0 };
    const feeding = (async () => {
      for (; feed.isOn; feed.count++) await world.store();
    })();
    const { folder } = await world.backUp().finally(() => (feed.isOn = false));
    await feeding;
    expect(feed.count).toBeGreaterThan(0);
    const target = await emptyDatabase();
    try {
      const { tables } = await world.restore(folder, target);
      const [counts] = await askAsOwner(
        target,
        "SELECT count(*)::int AS stored FROM audit_events WHERE event = 'readings.stored'",
      );
      expect(counts?.["stored"]).toBe(tables["public.batches"]);
    } finally {
      await target.drop();
    }
  });

  it("and the audit log do not wait for each other, but two backups of one database do", async () => {
    const { database, keyring, crypto, clock } = world;
    const { hospitalId } = HOSPITAL;
    const undone = new Error("undone");
    const holding = database.withTransaction(async (tx) => {
      const next = { hospitalId, now: clock.now(), actor: "operator", why: "rotated" } as const;
      await beginNextLog(tx, next, { keyring, crypto });
      await world.backUp();
      throw undone;
    });
    await expect(holding).rejects.toBe(undone);
    // The next entry names the one that was undone.
    await world.store();
    const both = await Promise.allSettled([world.backUp(), world.backUp()]);
    const refused = both.flatMap((one) =>
      one.status === "rejected" ? [one.reason as unknown] : [],
    );
    expect(refused).toMatchObject([{ code: "BACKUP_NOT_WRITTEN" }]);
  });

  it("is not there where it could not be written, and those from before stay [HS-308a7A]", async () => {
    const before = await listBackups(world.backups, owner());
    const file = path.join(world.backups, "no-folder");
    await writeFile(file, "");
    await expect(world.backUp({ backups: file })).rejects.toMatchObject({
      code: "BACKUP_NOT_WRITTEN",
    });
    expect(await listBackups(world.backups, owner())).toEqual(before);
  });

  it("is not there when the database went away half way, and nothing of it is left [HS-308a7A]", async () => {
    const backups = path.join(world.backups, "half");
    // Asked for once the snapshot is taken and before anything is written.
    let ended: Promise<unknown> | undefined;
    const keyring: BackupWorld["keyring"] = {
      ...world.keyring,
      sealCell: (cell, plaintext) => {
        ended = world.database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'siphms-backup'`,
        );
        return world.keyring.sealCell(cell, plaintext);
      },
    };
    await world.tamper(
      `INSERT INTO batches SELECT device_id, message_id || int4send(n), patient_id, start_at, end_at, kinds, samples,
         quarantined, late, outcome, reason, received_at, name, sealed, answer, hospital_key
       FROM (SELECT * FROM batches LIMIT 1) AS one, generate_series(1, 8000) AS n`,
    );
    await expect(world.backUp({ backups, keyring })).rejects.toThrow();
    await ended;
    await world.tamper("DELETE FROM batches WHERE octet_length(message_id) > 16");
    expect(await readdir(backups)).toEqual([]);
  });

  it("takes away what a killed run left, which nobody takes for a backup [HS-308a7A]", async () => {
    const backups = path.join(world.backups, "killed");
    const left = path.join(backups, `unfinished-${HOSPITAL.hospitalId}-0123456789abcdef`);
    const other = path.join(backups, "unfinished-elsewhere-0123456789abcdef");
    const { folder } = await world.backUp();
    for (const one of [left, other]) {
      await mkdir(one, { recursive: true });
      for (const name of FILES) {
        await writeFile(path.join(one, name), await readFile(path.join(folder, name)));
      }
    }
    expect(await newestBackup(backups, ownedNow())).toBeUndefined();
    const made = await world.backUp({ backups });
    expect((await readdir(backups)).sort()).toEqual(
      [path.basename(made.folder), path.basename(other)].sort(),
    );
  });
});

describe("backups by the clock", () => {
  let backups: string;
  let failures: unknown[];
  let noted: string[];
  const notes: BackupNotes = {
    begun: () => Promise.resolve(void noted.push("begun")),
    made: () => Promise.resolve(void noted.push("made")),
    refused: (code) => Promise.resolve(void noted.push(code)),
    removing: (old) => Promise.resolve(void noted.push(...old.map(({ id }) => id))),
  };

  const jobOf = (make: (begun: BackupNotes["begun"]) => Promise<MadeBackup>) =>
    createBackupJob({
      ...{ clock: world.clock, log, backups, kept: 2, everyMs: 24 * HOUR_MS, make },
      ...{ keyring: world.keyring, notes },
      hospitalId: HOSPITAL.hospitalId,
      onFailed: (error) => {
        failures.push(error);
        return Promise.resolve();
      },
    });

  beforeEach(async () => {
    failures = [];
    noted = [];
    backups = path.join(world.backups, "scheduled");
    await mkdir(backups, { recursive: true });
  });

  it("are made when the newest is a day old, and the newest two are kept [HS-308a7A, HN-bkp]", async () => {
    const job = jobOf((begun) => world.backUp({ backups, begun }));
    const runs: boolean[] = [];
    let first: string | undefined;
    for (const hours of [0, 23, 1, 24, 23]) {
      await world.clock.advance(hours * HOUR_MS);
      runs.push(await job.run());
      first ??= (await listBackups(backups, owner()))[0]?.id;
    }
    expect(runs).toEqual([true, false, true, true, false]);
    const both = ["begun", "made"];
    expect(noted).toEqual([...both, ...both, ...both, first]);
    const kept = await listBackups(backups, owner());
    expect(kept.map(({ madeAt }) => world.clock.now() - madeAt)).toEqual([
      23 * HOUR_MS,
      47 * HOUR_MS,
    ]);
    expect(await readdir(backups)).toHaveLength(2);
    expect(await listBackups(backups, { ...owner(), hospital: "another-hospital" })).toEqual([]);
    expect(failures).toEqual([]);
  });

  it("are made although one says that it is from the future, which takes nobody's place [HS-308a7A]", async () => {
    backups = path.join(world.backups, "future");
    await mkdir(backups);
    const clock = { now: () => world.clock.now() + 1_000 * HOUR_MS };
    await world.backUp({ backups, clock });
    const job = jobOf((begun) => world.backUp({ backups, begun }));
    expect(await job.run()).toBe(true);
    expect(await job.run()).toBe(false);
    expect(await readdir(backups)).toHaveLength(2);
  });

  it("are not made into a folder that is missing: its disk may not be there [HS-308a7A]", async () => {
    backups = path.join(world.backups, "not-mounted");
    expect(await jobOf((begun) => world.backUp({ backups, begun })).run()).toBe(false);
    expect(failures).toMatchObject([{ code: "BACKUP_NOT_WRITTEN" }]);
    expect(noted).toEqual(["BACKUP_NOT_WRITTEN"]);
    expect(await readdir(world.backups)).not.toContain("not-mounted");
  });

  it("keep the old ones where it cannot be noted that they go [HS-312b]", async () => {
    backups = path.join(world.backups, "not-noted");
    await mkdir(backups);
    const fault = new Error("no");
    const job = createBackupJob({
      ...{ clock: world.clock, log, backups, kept: 2, everyMs: HOUR_MS, keyring: world.keyring },
      hospitalId: HOSPITAL.hospitalId,
      notes: { ...notes, removing: () => Promise.reject(fault) },
      make: (begun) => world.backUp({ backups, begun }),
      onFailed: (error) => Promise.resolve(void failures.push(error)),
    });
    for (let made = 0; made < 3; made++) {
      await world.clock.advance(HOUR_MS);
      await job.run();
    }
    expect(failures).toEqual([fault]);
    expect(await readdir(backups)).toHaveLength(3);
  });

  it("tell somebody when one cannot be made, and try again [HS-308a7A]", async () => {
    const fault = new Error("no");
    const job = jobOf(() => Promise.reject(fault));
    await world.clock.advance(48 * HOUR_MS);
    expect(await job.run()).toBe(false);
    expect(await job.run()).toBe(false);
    expect(failures).toEqual([fault, fault]);
  });
});

describe("a drill", () => {
  let scratch: TestDatabase;

  beforeAll(async () => {
    scratch = await emptyDatabase();
  });

  afterAll(() => scratch.drop());

  const drill = async () => {
    const backup = await newestToTry(world.backups, ownedNow());
    if (backup === undefined) throw new Error("no backup");
    const { database, kek, crypto, clock } = world;
    return drillBackup(backup, { database, kek, crypto, clock, scratchUrl: scratch.adminUrl });
  };

  afterEach(async () => {
    expect(await relationsIn(scratch)).toBe(0);
  });

  it("restores the newest backup, says how old it is and what it lacks, and takes it away again [HS-308a7D]", async () => {
    const made = await world.backUp();
    await world.clock.advance(5 * HOUR_MS);
    await world.store();
    await world.store();
    const drilled = await drill();
    expect(drilled).toMatchObject({
      ageMs: 5 * HOUR_MS,
      lost: { messages: 2, auditEntries: 2 },
      restored: { backup: made.id, rows: made.rows },
    });
    // The scratch database is as empty as before, so it serves again.
    expect(await drill()).toMatchObject({ lost: { messages: 2 } });
  });

  it("says that the audit log was altered before the backup was made, and restores the records all the same (SR-60) [HS-308a7A, HS-312b]", async () => {
    await world.clock.advance(HOUR_MS);
    const altered = "id = (SELECT min(event_id) FROM audit_leaves)";
    const [row] = await askAsOwner(
      world.test,
      `SELECT encode(entry, 'hex') AS entry FROM audit_events WHERE ${altered}`,
    );
    await world.tamper(
      `UPDATE audit_events SET entry = set_byte(entry, 9, get_byte(entry, 9) # 1) WHERE ${altered}`,
    );
    const { rows } = await world.backUp();
    await world.tamper(`UPDATE audit_events SET entry = decode($1, 'hex') WHERE ${altered}`, [
      row?.["entry"],
    ]);
    expect(await drill()).toMatchObject({ restored: { rows, auditIntact: false } });
    await world.clock.advance(HOUR_MS);
    await world.backUp();
    expect(await drill()).toMatchObject({ restored: { auditIntact: true } });
  });

  it("says that a backup is of no use before it is needed [HS-308a7A, HS-308a7D]", async () => {
    await world.clock.advance(HOUR_MS);
    const { folder } = await world.backUp();
    const file = path.join(folder, "records");
    await writeFile(file, (await readFile(file)).subarray(0, -1));
    await expect(drill()).rejects.toMatchObject({ code: "BACKUP_ALTERED" });
  });
});
