import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestDatabase } from "@siphms/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backup, drill, restore } from "./backup-commands.ts";
import { newestBackup } from "./backup/index.ts";
import { openInstalled } from "./foundation.ts";
import { startBackups } from "./scheduled-backups.ts";
import { loadHospitalSettings, type HospitalSettings } from "./settings.ts";
import { readEntries } from "./testing/audit-entries.ts";
import {
  askAsOwner,
  createBackupWorld,
  emptyDatabase,
  relationsIn,
  type BackupWorld,
} from "./testing/backup-world.ts";
import { HOSPITAL, log } from "./testing/hospital-world.ts";

let world: BackupWorld;
let scratch: TestDatabase;
let target: TestDatabase;
let environment: Record<string, string>;
let told: string[];

beforeAll(async () => {
  world = await createBackupWorld();
  scratch = await emptyDatabase();
  target = await emptyDatabase();
  const data = path.join(world.backups, "data");
  await mkdir(path.join(data, "secrets"), { recursive: true });
  const kek = Buffer.from(world.kek.bytes).toString("hex");
  await writeFile(path.join(data, "secrets", "kek"), `${kek}\n`, { mode: 0o600 });
  environment = {
    DATABASE_URL: world.test.url,
    SIPHMS_DATA: data,
    SIPHMS_HOSPITAL_BACKUP_FOLDER: path.join(world.backups, "kept"),
    SIPHMS_HOSPITAL_DRILL_URL: scratch.adminUrl,
  };
  told = [];
});

afterAll(async () => {
  await scratch.drop();
  await target.drop();
  await world.close();
});

const settings = (change: Record<string, string> = {}): HospitalSettings =>
  loadHospitalSettings({ ...environment, ...change });
const outputs = { log, tell: (line: string) => void told.push(line) };
const newestOf = (folder: string) =>
  newestBackup(folder, {
    ...{ hospital: HOSPITAL.hospitalId, keyring: world.keyring },
    now: Date.now(),
  });
const kept = (): string => environment["SIPHMS_HOSPITAL_BACKUP_FOLDER"] ?? "";

/** Tries to make a backup where one of its entries cannot be written. */
async function backUpUnnoted(folder: string, event: string): Promise<void> {
  await world.tamper(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
     CREATE TRIGGER refused BEFORE INSERT ON audit_events FOR EACH ROW
       WHEN (NEW.event = '${event}') EXECUTE FUNCTION refuse()`,
  );
  try {
    await expect(backup(settings(), [folder], outputs)).rejects.toThrow();
  } finally {
    await world.tamper("DROP TRIGGER refused ON audit_events; DROP FUNCTION refuse()");
  }
}

describe("the hospital's commands on a server of its own", () => {
  it("make a backup, try it out and restore it, each noted in the log [HS-308a7A, HS-308a7B, HS-308a7D, HS-312b]", async () => {
    expect(await backup(settings(), [], outputs)).toBe(0);
    expect(await drill(settings(), [], outputs)).toBe(0);
    expect(await relationsIn(scratch)).toBe(0);
    const newest = await newestOf(kept());
    const elsewhere = { DATABASE_URL: target.url, DATABASE_ADMIN_URL: target.adminUrl };
    expect(await restore(settings(elsewhere), [newest?.folder ?? ""], outputs)).toBe(0);
    expect(told.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: newest?.id },
      { restored: { backup: newest?.id }, lost: { messages: 0 } },
      { backup: newest?.id },
    ]);
    expect(await readEntries(world, "event LIKE 'backup.%'")).toMatchObject([
      { event: "backup.begun", object: newest?.id, outcome: "done", actor: "operator" },
      { event: "backup.made", object: newest?.id, outcome: "done", actor: "operator" },
      { event: "backup.drilled", object: newest?.id, outcome: "done", actor: "operator" },
    ]);
    const opened = await openInstalled(settings(elsewhere), log);
    expect(opened.installation).toEqual(HOSPITAL);
    await opened.database.close();
  });

  it("fail and note it where the newest backup is of no use [HS-308a7D]", async () => {
    const newest = await newestOf(kept());
    const file = path.join(newest?.folder ?? "", "keys");
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, -1));
    expect(await drill(settings(), [], outputs)).toBe(1);
    await writeFile(file, whole);
    const [last] = (await readEntries(world, "event = 'backup.drilled'")).toReversed();
    expect(last).toMatchObject({ outcome: "refused", details: { code: "BACKUP_ALTERED" } });
  });

  it("note that a backup had begun, and was refused, where the disk did not take it [HS-308a7A, HS-312b]", async () => {
    const file = path.join(world.backups, "no-folder");
    await writeFile(file, "");
    const before = (await readEntries(world, "event LIKE 'backup.%'")).length;
    expect(await backup(settings(), [file], outputs)).toBe(1);
    const [begun, refused, ...more] = (await readEntries(world, "event LIKE 'backup.%'")).slice(
      before,
    );
    expect(begun).toMatchObject({ event: "backup.begun", actor: "operator", outcome: "done" });
    expect(refused).toMatchObject({
      ...{ event: "backup.made", actor: "operator", outcome: "refused", object: begun?.object },
      details: { code: "BACKUP_NOT_WRITTEN" },
    });
    expect(more).toEqual([]);
  });

  it("let nothing leave the database where it cannot be noted first (SR-60) [HS-312b]", async () => {
    const folder = path.join(world.backups, "not-noted");
    await backUpUnnoted(folder, "backup.begun");
    expect(existsSync(folder)).toBe(false);
    const [last] = (await readEntries(world, "event LIKE 'backup.%'")).toReversed();
    expect(last).toMatchObject({ event: "backup.made", outcome: "refused", object: null });
  });

  it("have a whole backup in the log although the entry behind it could not be written [HS-312b]", async () => {
    const folder = path.join(world.backups, "half-noted");
    await backUpUnnoted(folder, "backup.made");
    const there = await newestOf(folder);
    const [last] = (await readEntries(world, "event LIKE 'backup.%'")).toReversed();
    expect(last).toMatchObject({ event: "backup.begun", object: there?.id });
  });

  it("refuse a folder of backups that holds the key-encryption key [HS-312a2iv]", async () => {
    const folder = environment["SIPHMS_DATA"] ?? "";
    await expect(backup(settings(), [folder], outputs)).rejects.toThrow("KEK_WITH_DATA");
  });

  it.each([
    ["no folder", () => backup({ ...settings(), backupFolder: undefined }, [], outputs)],
    ["no backup named", () => restore(settings(), [], outputs)],
    ["no scratch database", () => drill({ ...settings(), drillUrl: undefined }, [], outputs)],
  ])("say what is missing: %s", async (_title, run) => {
    await expect(run()).rejects.toMatchObject({ code: "SETTING_INVALID" });
  });
});

describe("backups by the clock in a running hospital", () => {
  /** Lets it look once whether a backup is due. */
  async function lookOnce(folder: string, change: Record<string, string> = {}): Promise<void> {
    const installed = { ...world, installation: HOSPITAL };
    const stops: (() => Promise<void> | void)[] = [];
    const lifecycle = {
      onStop: (part: { stop: () => Promise<void> | void }) => stops.push(part.stop),
    };
    startBackups(installed, settings({ SIPHMS_HOSPITAL_BACKUP_FOLDER: folder, ...change }), {
      ...{ clock: world.clock, log },
      lifecycle: { onStop: (part) => void lifecycle.onStop(part) },
    });
    for (const stop of stops) await stop();
  }

  it("make one where there is none, and note it as the hospital's [HS-308a7A, HS-312b]", async () => {
    const folder = path.join(world.backups, "by-the-clock");
    await mkdir(folder);
    await lookOnce(folder);
    const made = await newestOf(folder);
    expect(await readEntries(world, "event LIKE 'backup.%' AND actor = 'hospital'")).toMatchObject([
      { event: "backup.begun", object: made?.id },
      { event: "backup.made", object: made?.id, outcome: "done" },
    ]);
  });

  it("note which old ones go [HS-312b]", async () => {
    const folder = path.join(world.backups, "kept-few");
    await mkdir(folder);
    const made: (string | undefined)[] = [];
    for (let day = 0; day < 3; day++) {
      await world.clock.advance(25 * 3_600_000);
      await lookOnce(folder, { SIPHMS_HOSPITAL_BACKUPS_KEPT: "2" });
      made.push((await newestOf(folder))?.id);
    }
    expect(new Set(made).size).toBe(3);
    expect(await readEntries(world, "event = 'backup.removed'")).toMatchObject([
      { object: made[0], actor: "hospital", outcome: "done" },
    ]);
  });

  it("tell administrators where the folder cannot be written [HS-308a7A]", async () => {
    const file = path.join(world.backups, "a-file");
    await writeFile(file, "");
    await lookOnce(path.join(file, "backups"));
    expect(await askAsOwner(world.test, "SELECT what, reason FROM system_alerts")).toEqual([
      { what: "backup-failed", reason: "backup-not-written" },
    ]);
    const [last] = (await readEntries(world, "event LIKE 'backup.%'")).toReversed();
    expect(last).toMatchObject({
      ...{ event: "backup.made", actor: "hospital", outcome: "refused", object: null },
      details: { code: "BACKUP_NOT_WRITTEN" },
    });
  });
});
