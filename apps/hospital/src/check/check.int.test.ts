import { randomUUID } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CheckReport } from "@siphms/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSequencer } from "../audit/index.ts";
import { findDeviceByKid } from "../enrolment/index.ts";
import { runUpkeep } from "../ingest/index.ts";
import { findPatientByMrn, listPatients } from "../patients/index.ts";
import { createStaffDesk } from "../staff/index.ts";
import { createTestAccess } from "../testing/access-world.ts";
import {
  addDevice,
  addPatient,
  CONSOLE_ORIGIN,
  createHospitalWorld,
  log,
  storeBatch,
  type HospitalWorld,
  type TestDevice,
} from "../testing/hospital-world.ts";
import { runCheck } from "./index.ts";

let world: HospitalWorld;
let dataFolder: string;
let kekFile: string;
let phone: TestDevice;

beforeEach(async () => {
  world = await createHospitalWorld();
  const { database, keyring, crypto, clock } = world;
  dataFolder = await mkdtemp(path.join(tmpdir(), "check-"));
  await mkdir(path.join(dataFolder, "secrets"), { mode: 0o700 });
  kekFile = path.join(dataFolder, "secrets", "kek");
  await writeFile(kekFile, "", { mode: 0o600 });
  await runUpkeep({ database, clock, log, eraseSessions: () => Promise.resolve(0) });
  const [first, second] = [randomUUID(), randomUUID()];
  await addPatient(world, { id: first, mrn: "A-1" });
  await addPatient(world, { id: second, mrn: "A-2" });
  phone = await addDevice(world, first);
  await addDevice(world, second);
  const now = clock.now();
  const series = [{ kind: 1, start: now, step: 0, values: [70], origin: 0 }] as const;
  await storeBatch(world, phone, { receivedAt: now, series });
  const consoleOrigin = CONSOLE_ORIGIN;
  const desk = createStaffDesk({
    endLostCare: createTestAccess(world).endLostCare,
    database,
    keyring,
    crypto,
    clock,
    demo: true,
    consoleOrigin,
  });
  const access = createTestAccess(world);
  for (const name of ["Dr. One", "Dr. Two"]) {
    const outcome = await desk.add({ name, role: "doctor" });
    if (outcome.kind === "added") await desk.open(new URL(outcome.link).hash.slice(1), undefined);
    await access.beginCare({ staff: name, mrn: "A-1" }, "operator");
  }
  const [, person] = await desk.list();
  if (person === undefined) throw new Error("nobody is there");
  const wanted = { mrn: "A-2", reason: "Found on the floor of the hall" };
  await access.breakGlass(wanted, person, "test");
});

afterEach(async () => {
  await world.close();
  await rm(dataFolder, { recursive: true });
});

const check = (): Promise<CheckReport> =>
  runCheck({ ...world, kek: { kind: "file", path: kekFile }, dataFolder });

describe("check", () => {
  it("finds nothing in what nobody touched, and has looked at all of it", async () => {
    expect(await check()).toMatchObject({
      ok: true,
      findings: [],
      swept: {
        settings: 3,
        hospital_keys: 3,
        staff: 2,
        staff_links: 2,
        staff_sessions: 2,
        care_relations: 2,
        break_glass: 1,
        emergencies: 1,
        patients: 2,
        "keystore.patient_keys": 2,
        invitations: 2,
        devices: 2,
        batches: 1,
      },
    });
  });

  it.each([
    ["settings", "UPDATE settings SET value = 'other-hospital' WHERE name = 'hospital-id'"],
    ["hospital_keys", "UPDATE hospital_keys SET state = 'retired' WHERE purpose = 'pass'"],
    ["staff", "UPDATE staff SET role = 'administrator' WHERE name = 'Dr. One'"],
    ["staff", "UPDATE staff SET state = 'disabled' WHERE name = 'Dr. One'"],
    ["staff_links", "UPDATE staff_links SET used_at = NULL"],
    ["staff_links", "UPDATE staff_links SET expires_at = expires_at + 1"],
    ["staff_sessions", "UPDATE staff_sessions SET expires_at = expires_at + 1"],
    [
      "staff_sessions",
      "UPDATE staff_sessions SET staff_id = (SELECT max(id) FROM staff) WHERE staff_id = (SELECT min(id) FROM staff)",
    ],
    ["care_relations", "UPDATE care_relations SET ends_at = began_at + 1"],
    ["care_relations", "UPDATE care_relations SET made_by = 'staff:1'"],
    [
      "care_relations",
      "UPDATE care_relations c SET patient_id = p.id FROM patients p WHERE p.id <> c.patient_id",
    ],
    ["care_relations", "UPDATE care_relations SET staff_id = (SELECT min(id) FROM staff)"],
    [
      "care_relations",
      "INSERT INTO care_relations (staff_id, patient_id, began_at, made_by, version, mac) SELECT staff_id, patient_id, began_at, made_by, version, mac FROM care_relations",
    ],
    ["break_glass", "UPDATE break_glass SET ends_at = ends_at + 1"],
    [
      "break_glass",
      "UPDATE break_glass SET reason = set_byte(reason, 20, get_byte(reason, 20) # 1)",
    ],
    [
      "break_glass",
      "UPDATE break_glass SET reviewed_at = 1, reviewed_by = (SELECT min(id) FROM staff), verdict = 'justified', note = reason",
    ],
    ["emergencies", "DELETE FROM break_glass"],
    ["patients", "UPDATE patients SET doctor_id = (SELECT min(id) FROM staff)"],
    [
      "patients",
      "UPDATE patients p SET demographics = o.demographics FROM patients o WHERE o.id <> p.id",
    ],
    [
      "keystore.patient_keys",
      "UPDATE keystore.patient_keys p SET wrapped = o.wrapped FROM keystore.patient_keys o WHERE o.patient_id <> p.patient_id",
    ],
    [
      "invitations",
      "UPDATE invitations SET redeemed_at = NULL, expires_at = expires_at + 86400000",
    ],
    [
      "invitations",
      "UPDATE invitations i SET patient_id = p.id FROM patients p WHERE p.id <> i.patient_id",
    ],
    ["devices", "UPDATE devices SET state = 'active'"],
    [
      "devices",
      "UPDATE devices d SET patient_id = p.id FROM patients p WHERE p.id <> d.patient_id",
    ],
    ["devices", "UPDATE devices SET credential = name"],
    ["devices", "UPDATE devices d SET name = o.name FROM devices o WHERE o.id <> d.id"],
    [
      "devices",
      "UPDATE devices SET id = id + 1000 WHERE NOT EXISTS (SELECT 1 FROM batches b WHERE b.device_id = devices.id)",
    ],
    ["batches", "UPDATE batches SET answer = sealed"],
    [
      "batches",
      "UPDATE batches b SET patient_id = p.id FROM patients p WHERE p.id <> b.patient_id",
    ],
    [
      "partitions",
      "INSERT INTO batches SELECT device_id, '\\x000000000001'::bytea || substring(message_id FROM 7), patient_id, start_at, end_at, kinds, samples, quarantined, late, 3, reason, received_at, name, sealed, answer, hospital_key FROM batches",
    ],
  ])("reports a change in %s: %s [HS-312c1, HS-312c2]", async (table, sql) => {
    await world.tamper(sql);
    const report = await check();
    expect(report.ok).toBe(false);
    expect(new Set(report.findings.map((finding) => finding.check))).toContain(table);
  });

  it("names the row and nothing of what is in it", async () => {
    await world.tamper("UPDATE devices SET state = 'active'");
    const text = JSON.stringify(await check());
    expect(text).not.toContain("kitchen phone");
    expect(text).not.toContain("Ada Invented");
  });

  it.each([
    ["entry", "UPDATE audit_events SET actor = 'staff:9' WHERE event = 'access.break-glass'"],
    ["entry", "DELETE FROM audit_events WHERE event = 'access.break-glass'"],
    ["tree", "UPDATE audit_leaves SET event_id = -event_id WHERE idx = 3"],
  ])(
    "finds that the %s of the audit log was changed by: %s [HS-312b, HS-312c1]",
    async (what, sql) => {
      await createSequencer({ ...world, log }).run();
      expect((await check()).ok).toBe(true);
      await world.tamper(sql);
      const found = (await check()).findings.filter((finding) => finding.check === "audit-log");
      expect(found.map(({ subject }) => subject.replace(/ .*/, ""))).toContain(what);
    },
  );

  it("finds an audit log that nobody carries on [HS-312b]", async () => {
    await world.clock.advance(5 * 60_000 + 1);
    expect((await check()).findings).toMatchObject([{ check: "audit-log", subject: "sequencer" }]);
    await createSequencer({ ...world, log }).run();
    expect((await check()).ok).toBe(true);
  });

  it.each([
    ["batches", "FROM batches WHERE device_id"],
    ["audit-log", "FROM audit_checkpoints"],
    ["raised", "alert.raised"],
    ["staff", "SELECT * FROM staff"],
  ])(
    "names the sweep of %s that failed, and hides nothing that the others find [HS-308a1D, HS-312c2]",
    async (name, part) => {
      await world.tamper("UPDATE hospital_keys SET state = 'retired' WHERE purpose = 'pass'");
      const query: typeof world.database.query = (text, values) =>
        text.includes(part) && !(name === "staff" && text !== part)
          ? Promise.reject(new Error("canceled at Ada Invented"))
          : world.database.query(text, values);
      const kek = { kind: "file", path: kekFile } as const;
      const ports = { ...world, database: { ...world.database, query }, kek, dataFolder };
      const report = await runCheck(ports);
      expect(report.ok).toBe(false);
      expect(report.findings.map(({ check, subject }) => `${check} ${subject}`)).toEqual(
        expect.arrayContaining([`${name} sweep`, expect.stringMatching(/^hospital_keys \d+$/)]),
      );
      expect(report.findings).toHaveLength(2);
      expect(report.swept[name]).toBe(0);
      expect(JSON.stringify(report)).not.toContain("Ada Invented");
    },
  );

  it("reports a key file that others can read, and an open folder", async () => {
    await chmod(kekFile, 0o640);
    await chmod(path.dirname(kekFile), 0o750);
    const { findings } = await check();
    expect(findings.filter((finding) => finding.check === "files")).toHaveLength(2);
  });
});

describe("a row that was changed", () => {
  it("of a binding opens nothing", async () => {
    await world.tamper("UPDATE devices SET state = 'active'");
    const found = findDeviceByKid(world.database, world.keyring, phone.device.kid);
    await expect(found).rejects.toMatchObject({ code: "ROW_ALTERED" });
  });

  it("of a patient is not shown", async () => {
    await world.tamper(
      "UPDATE patients p SET demographics = o.demographics FROM patients o WHERE o.id <> p.id",
    );
    expect(await listPatients(world.database, world.keyring)).toEqual([]);
    const found = findPatientByMrn(world.database, world.keyring, "A-1");
    await expect(found).rejects.toMatchObject({ code: "ROW_ALTERED" });
  });
});

describe("a dump of the database", () => {
  it("shows no name, no record number and no value [HS-312a2iv]", async () => {
    const tables = [
      "patients",
      "devices",
      "invitations",
      "batches",
      "audit_events",
      "settings",
      "break_glass",
    ];
    let dump = "";
    for (const table of tables) {
      const { rows } = await world.database.query(
        `SELECT coalesce(string_agg(t::text, ' '), '') AS dump FROM ${table} t`,
      );
      dump += rows[0]?.text("dump") ?? "";
    }
    for (const secret of [
      "Ada Invented",
      "A-1",
      "Heart failure",
      "kitchen phone",
      "1950-07-01",
      "floor of the hall",
    ]) {
      expect(dump).not.toContain(secret);
      // Among so many random bytes three are found by chance.
      const bytes = secret.length > 5 ? Buffer.from(secret).toString("hex") : secret;
      expect(dump).not.toContain(bytes);
    }
  });
});
