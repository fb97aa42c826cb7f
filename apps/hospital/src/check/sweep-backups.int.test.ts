import { rm, truncate } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { MadeBackup } from "../backup/index.ts";
import { loadHospitalSettings } from "../settings.ts";
import { surroundingsOf } from "../surroundings.ts";
import { createBackupWorld, type BackupWorld } from "../testing/backup-world.ts";
import { HOSPITAL } from "../testing/hospital-world.ts";
import type { Sweep } from "./sweep.ts";
import { sweepBackups } from "./sweep-backups.ts";

const HOUR_MS = 3_600_000;

let world: BackupWorld;
let backups: string;
let older: MadeBackup;
let newest: MadeBackup;
let count = 0;

beforeAll(async () => {
  world = await createBackupWorld();
});

beforeEach(async () => {
  backups = path.join(world.backups, `swept-${String(count++)}`);
  older = await world.backUp({ backups });
  await world.clock.advance(HOUR_MS);
  newest = await world.backUp({ backups });
});

afterAll(() => world.close());

async function sweep(): Promise<Sweep> {
  const settings = loadHospitalSettings({
    DATABASE_URL: world.test.url,
    SIPHMS_HOSPITAL_BACKUP_FOLDER: backups,
  });
  const { database, clock, keyring } = world;
  return sweepBackups({
    ...{ database, clock, keyring, settings, surroundings: surroundingsOf(settings) },
    ...{ hospitalId: HOSPITAL.hospitalId },
    kekStatus: () => Promise.reject(new Error("not asked")),
  });
}
const found = async () => (await sweep()).findings.map(({ subject }) => subject);
const noted = async () => (await sweep()).notes?.map(({ subject }) => subject);

describe("siphms check, of backups [HS-308a7A]", () => {
  it("finds nothing where each is whole", async () => {
    expect(await found()).toEqual([]);
  });

  it.each(["keys", "records", "whole"])("finds a newest backup without %s", async (name) => {
    await rm(path.join(newest.folder, name));
    expect(await found()).toEqual([newest.folder]);
  });

  it.each(["keys", "records", "whole"])("finds a backup whose %s was cut off", async (name) => {
    await truncate(path.join(older.folder, name), 100);
    expect(await found()).toEqual([older.folder]);
  });

  it("says that there is none where the only ones are broken", async () => {
    for (const { folder } of [older, newest]) await rm(path.join(folder, "whole"));
    expect(await found()).toEqual([newest.folder, older.folder, backups]);
  });

  it("says that the newest whole one is too old, whatever stands beside it", async () => {
    await world.clock.advance(26 * HOUR_MS);
    const later = await world.backUp({ backups });
    await truncate(path.join(later.folder, "records"), 500);
    expect(await found()).toEqual([later.folder, newest.folder]);
  });

  it("only notes that an older one's keys were let go", async () => {
    await rm(path.join(older.folder, "keys"));
    expect(await found()).toEqual([]);
    expect(await noted()).toContain(older.folder);
  });
});
