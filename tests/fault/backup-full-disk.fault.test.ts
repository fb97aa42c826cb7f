/** A disk that is full below the backups: no backup is there, none that looks like one, and earlier ones stay. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listBackups } from "../../apps/hospital/src/backup/index.ts";
import {
  createBackupWorld,
  emptyDatabase,
  type BackupWorld,
} from "../../apps/hospital/src/testing/backup-world.ts";
import { HOSPITAL } from "../../apps/hospital/src/testing/hospital-world.ts";
import { SmallDisk, whyNoSmallDisk } from "../faults-kit/small-disk.ts";

/** More than is left on the disk by the time it is written. */
const MANY_ROWS = `INSERT INTO batches SELECT device_id, message_id || int4send(n), patient_id, start_at, end_at, kinds,
    samples, quarantined, late, outcome, reason, received_at, name, sealed, answer, hospital_key
  FROM (SELECT * FROM batches LIMIT 1) AS one, generate_series(1, 8000) AS n`;
const LEFT_BYTES = 1_048_576;

describe.skipIf(whyNoSmallDisk !== "")(`a full disk below backups ${whyNoSmallDisk}`, () => {
  let world: BackupWorld;
  let disk: SmallDisk;

  beforeAll(async () => {
    world = await createBackupWorld();
    disk = SmallDisk.mount(16);
  });

  afterAll(async () => {
    disk.unmount();
    await world.close();
  });

  it("leaves the earlier backup alone, and the next one is made when there is room again [HS-308a7A]", async () => {
    const backups = join(disk.folder, "backups");
    const owner = { hospital: HOSPITAL.hospitalId, keyring: world.keyring };
    const earlier = await world.backUp({ backups });
    await world.tamper(MANY_ROWS);
    disk.fill(LEFT_BYTES);
    await expect(world.backUp({ backups })).rejects.toMatchObject({ code: "BACKUP_NOT_WRITTEN" });
    expect((await listBackups(backups, owner)).map(({ id }) => id)).toEqual([earlier.id]);
    expect(readdirSync(backups)).toHaveLength(1);
    disk.free();
    const later = await world.backUp({ backups });
    const target = await emptyDatabase();
    try {
      expect((await world.restore(earlier.folder, target)).rows).toBe(earlier.rows);
    } finally {
      await target.drop();
    }
    expect(later.rows).toBeGreaterThan(earlier.rows);
  });
});
