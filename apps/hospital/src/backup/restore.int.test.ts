import { randomBytes, randomUUID } from "node:crypto";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { TestDatabase } from "@siphms/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readLogKeys, createSequencer, readNewestCheckpoint } from "../audit/index.ts";
import { openDatabase, requireMigrated } from "../database/index.ts";
import { loadInstallation } from "../installation.ts";
import { loadHospitalKeys, loadInstallationKey, openKeyring } from "../keys/index.ts";
import { findPatient } from "../patients/index.ts";
import { createRecords } from "../records/index.ts";
import { readEntries } from "../testing/audit-entries.ts";
import {
  askAsOwner,
  createBackupWorld,
  emptyDatabase,
  relationsIn,
  type BackupWorld,
} from "../testing/backup-world.ts";
import { addPatient, HOSPITAL, log } from "../testing/hospital-world.ts";
import type { MadeBackup, Restored } from "./index.ts";

let world: BackupWorld;
let made: MadeBackup;
let target: TestDatabase;

beforeAll(async () => {
  world = await createBackupWorld();
  const { patientId, clock } = world;
  // What must not travel, and what a restore has to put right.
  await world.tamper(
    `INSERT INTO staff (id, name, role, state, created_at, version, mac) VALUES (41, 'Dr Known', 'doctor', 'active', 1, 1, '')`,
  );
  await world.tamper(
    `INSERT INTO staff_sessions VALUES (sha256('cookie'), 41, 1, 1, $1, 1, '', 1, 'password')`,
    [clock.now() + 1e9],
  );
  await world.tamper(
    `INSERT INTO sessions (sid, device_id, patient_id, hospital_key, gateway, created_at, expires_at, sealed)
     SELECT '\\x${"ab".repeat(16)}', d.id, $1, k.id, 'https://gateway.example', 1, $2, 'session keys'
     FROM devices d, hospital_keys k WHERE k.purpose = 'identity'`,
    [patientId, clock.now() + 1e9],
  );
  await world.tamper("SELECT setval(pg_get_serial_sequence('staff', 'id'), 50)");
  await world.tamper("UPDATE alert_progress SET fence_id = 1, fence_xid = '999999999'");
  made = await world.backUp();
  target = await emptyDatabase();
});

afterAll(async () => {
  await target.drop();
  await world.close();
});

const rowsOf = askAsOwner;

/** The restored hospital as a start of it opens it. */
async function open(restored: TestDatabase) {
  const { kek, crypto } = world;
  const database = await openDatabase({ url: restored.url });
  const key = await loadInstallationKey(database, kek, crypto);
  if (key === undefined) throw new Error("no installation");
  return { database, keyring: openKeyring(key, crypto), crypto };
}

describe("a restored hospital", () => {
  let whole: TestDatabase;
  let restored: Restored;

  beforeAll(async () => {
    whole = await emptyDatabase();
    restored = await world.restore(made.folder, whole);
  });

  afterAll(() => whole.drop());

  it("has every row that the backup has, opens with the same key and shows the same readings [HS-308a7A, HS-308a7B, HS-310d2iv]", async () => {
    expect(restored).toMatchObject({ backup: made.id, hospital: HOSPITAL.hospitalId });
    expect(restored.rows).toBe(made.rows);
    expect(restored.auditIntact).toBe(true);
    expect(restored.tables["public.batches"]).toBe(2);
    await requireMigrated(whole.url);
    const { database, keyring, crypto } = await open(whole);
    try {
      expect(await loadInstallation(database, keyring)).toEqual(HOSPITAL);
      await loadHospitalKeys(database, HOSPITAL.hospitalId, { keyring, crypto });
      const [before, after] = await Promise.all(
        [world, { database, keyring }].map(async (one) => {
          const patient = await findPatient(one.database, one.keyring, world.patientId);
          if (patient === undefined) throw new Error("no patient");
          const latest = await createRecords(one).latest(patient);
          return { patient, latest };
        }),
      );
      expect(after).toEqual(before);
      expect(JSON.stringify(after)).toContain("70");
    } finally {
      await database.close();
    }
  });

  it("keeps the partitions of the readings, and numbers nothing twice [HS-308a7B]", async () => {
    const partitions =
      "SELECT tableoid::regclass::text AS part, count(*)::int FROM batches GROUP BY 1 ORDER BY 1";
    const months = `SELECT inhrelid::regclass::text AS part FROM pg_inherits
      WHERE inhparent = 'batches'::regclass ORDER BY 1`;
    expect(await rowsOf(whole, partitions)).toEqual(await rowsOf(world.test, partitions));
    expect(await rowsOf(whole, months)).toEqual(await rowsOf(world.test, months));
    expect(
      await rowsOf(whole, "SELECT nextval(pg_get_serial_sequence('staff', 'id'))::int AS id"),
    ).toEqual([{ id: 51 }]);
  });

  it("has every session closed: no session key is in the backup (SR-31) [HS-308a7B]", async () => {
    const { tables } = restored;
    for (const table of [
      ...["sessions", "session_seqs", "notice_sendings", "staff_sessions", "staff_links"],
    ]) {
      expect(tables).not.toHaveProperty(`public.${table}`);
      expect(await rowsOf(whole, `SELECT * FROM ${table}`), table).toEqual([]);
    }
    expect(await rowsOf(whole, "SELECT fence_id, fence_xid FROM alert_progress")).toEqual([
      { fence_id: null, fence_xid: null },
    ]);
  });

  it("goes on with its audit log under the next origin, with the tree that it had (SR-60) [HS-312b, HS-312c1]", async () => {
    const head = await readNewestCheckpoint(world.database);
    const opened = await open(whole);
    try {
      const origins = (await readLogKeys(opened.database, opened.keyring)).map(
        ({ origin }) => origin,
      );
      expect(origins).toHaveLength(2);
      expect(new Set(origins).size).toBe(2);
      const first = await readNewestCheckpoint(opened.database);
      expect(first).toMatchObject({ size: head?.size, root: head?.root });
      const entries = await readEntries(opened, "event = 'hospital.restored'");
      expect(entries).toMatchObject([{ actor: "operator", object: made.id }]);
      await createSequencer({ ...opened, clock: world.clock, log }).run();
      const next = await readNewestCheckpoint(opened.database);
      expect(next?.size).toBeGreaterThan(head?.size ?? 0);
    } finally {
      await opened.database.close();
    }
  });

  it("lets its service do what a migrated database lets it, and no more (SR-64)", async () => {
    const database = await openDatabase({ url: whole.url });
    try {
      await database.query("UPDATE patients SET version = version");
      for (const sql of ["DELETE FROM audit_events", "UPDATE audit_leaves SET idx = 1"]) {
        await expect(database.query(sql)).rejects.toMatchObject({ code: "42501" });
      }
    } finally {
      await database.close();
    }
  });

  it("has the keys of a newer backup where they are asked for: whoever was erased stays erased", async () => {
    const gone = randomUUID();
    await addPatient(world, { id: gone, mrn: "B-2" });
    const before = await world.backUp();
    await world.tamper("DELETE FROM keystore.patient_keys WHERE patient_id = $1", [gone]);
    const after = await world.backUp();
    const other = await emptyDatabase();
    try {
      await world.restore(before.folder, other, { keysFrom: after.folder });
      expect(await rowsOf(other, "SELECT id FROM patients")).toHaveLength(2);
      expect(await rowsOf(other, "SELECT patient_id FROM keystore.patient_keys")).toEqual([
        { patient_id: world.patientId },
      ]);
    } finally {
      await other.drop();
    }
  });
});

describe("a restore that is refused leaves nothing", () => {
  afterEach(async () => {
    expect(await relationsIn(target)).toBe(0);
  });

  /** A copy of the backup in which a test may break something. */
  async function copyOf(): Promise<string> {
    const folder = path.join(world.backups, `copy-${randomBytes(4).toString("hex")}`);
    await cp(made.folder, folder, { recursive: true });
    return folder;
  }

  async function expectRefused(code: string, restoring: () => Promise<unknown>): Promise<void> {
    await expect(restoring()).rejects.toMatchObject({ code });
    expect(await relationsIn(target)).toBe(0);
  }

  it("with another key-encryption key, before anything is written [HS-308a7A, HS-312a2iv]", async () => {
    const kek = { bytes: new Uint8Array(randomBytes(32)) };
    await expectRefused("BACKUP_KEK_WRONG", () => world.restore(made.folder, target, { kek }));
  });

  it.each(["records", "keys"])(
    "with an altered byte in %s, or a piece cut off [HS-308a7A, HS-312c1]",
    async (part) => {
      const folder = await copyOf();
      const file = path.join(folder, part);
      const whole = await readFile(file);
      const places = [whole.indexOf("\n") + 1, whole.length - 1, Math.floor(whole.length * 0.7)];
      for (const at of places) {
        const altered = Buffer.from(whole);
        altered.writeUInt8(altered.readUInt8(at) ^ 0x80, at);
        await writeFile(file, altered);
        await expectRefused("BACKUP_ALTERED", () => world.restore(folder, target));
      }
      await writeFile(file, whole.subarray(0, -17));
      await expectRefused("BACKUP_ALTERED", () => world.restore(folder, target));
      await rm(file);
      await expectRefused("BACKUP_MISSING", () => world.restore(folder, target));
    },
  );

  it("with a first line that says something else [HS-312c1]", async () => {
    const folder = await copyOf();
    const file = path.join(folder, "records");
    const text = await readFile(file, "latin1");
    await writeFile(file, text.replace('"madeAt":', '"madeAt":1'), "latin1");
    await expectRefused("BACKUP_ALTERED", () => world.restore(folder, target));
    await writeFile(file, text.replace(/"identity":"../, '"identity":"00'), "latin1");
    await expectRefused("BACKUP_KEK_WRONG", () => world.restore(folder, target));
  });

  it("with the keys of another backup, unless that was asked for", async () => {
    const other = await world.backUp();
    const folder = await copyOf();
    await cp(path.join(other.folder, "keys"), path.join(folder, "keys"));
    await expectRefused("BACKUP_OTHER_HOSPITAL", () => world.restore(folder, target));
  });

  it("into a database that is not empty, which stays as it is", async () => {
    await askAsOwner(target, "CREATE TABLE somebodys (text text)");
    await expect(world.restore(made.folder, target)).rejects.toMatchObject({
      code: "RESTORE_TARGET_NOT_EMPTY",
    });
    expect(await relationsIn(target)).toBe(1);
    await askAsOwner(target, "DROP TABLE somebodys");
  });

  it("when a file is altered between the first look and the loading [HS-308a7A]", async () => {
    const folder = await copyOf();
    const file = path.join(folder, "records");
    const whole = readFileSync(file);
    // The first random bytes are asked for between the two.
    const crypto = {
      ...world.crypto,
      randomBytes: (length: number) => {
        const altered = Buffer.from(whole);
        altered.writeUInt8(altered.readUInt8(whole.length - 1) ^ 1, whole.length - 1);
        writeFileSync(file, altered);
        return world.crypto.randomBytes(length);
      },
    };
    await expectRefused("BACKUP_ALTERED", () => world.restore(folder, target, { crypto }));
  });

  it("when the database ends the connection half way [HS-308a7A]", async () => {
    await world.tamper(
      `INSERT INTO batches SELECT device_id, message_id || int4send(n), patient_id, start_at, end_at, kinds, samples,
         quarantined, late, outcome, reason, received_at, name, sealed, answer, hospital_key
       FROM batches, generate_series(1, 8000) AS n`,
    );
    const large = await world.backUp();
    await world.tamper("DELETE FROM batches WHERE octet_length(message_id) > 16");
    const name = new URL(target.url).pathname.slice(1);
    const restoring = world.restore(large.folder, target);
    const ended = expect(restoring).rejects.toThrow();
    const state = { isOver: false };
    void restoring.catch(() => undefined).finally(() => (state.isOver = true));
    let killed = 0;
    while (killed === 0 && !state.isOver) {
      const rows = await askAsOwner(
        target,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = '${name}' AND query LIKE 'COPY "public"."batches"%'`,
      );
      killed = rows.length;
    }
    await ended;
    expect(killed).toBe(1);
    expect(await relationsIn(target)).toBe(0);
  });
});
