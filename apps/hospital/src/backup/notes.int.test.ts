import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { readEntries } from "../testing/audit-entries.ts";
import { BackupError, createBackupNotes, noteBackup } from "./index.ts";

const HOUR_MS = 3_600_000;

let world: HospitalWorld;

beforeAll(async () => {
  world = await createHospitalWorld();
});

afterAll(() => world.close());

describe("notes of backups [HS-312b]", () => {
  it("say once an hour what keeps a backup from beginning, and at once when it is something else", async () => {
    const { database, clock } = world;
    const notes = createBackupNotes({ database, clock, actor: "hospital" });
    const fail = (code: "BACKUP_ALTERED" | "BACKUP_NOT_WRITTEN") =>
      noteBackup(notes, () => Promise.reject(new BackupError(code, "no")));
    const counts: number[] = [];
    for (const [code, laterMs] of [
      ["BACKUP_NOT_WRITTEN", 0],
      ["BACKUP_NOT_WRITTEN", HOUR_MS - 1],
      ["BACKUP_ALTERED", 0],
      ["BACKUP_NOT_WRITTEN", 0],
      ["BACKUP_NOT_WRITTEN", HOUR_MS],
    ] as const) {
      await clock.advance(laterMs);
      await expect(fail(code)).rejects.toMatchObject({ code });
      counts.push((await readEntries(world, "event = 'backup.made'")).length);
    }
    expect(counts).toEqual([1, 1, 2, 3, 4]);
  });

  it("say of each one that had begun how it ended", async () => {
    const { database, clock } = world;
    const notes = createBackupNotes({ database, clock, actor: "hospital" });
    for (const id of ["aa", "bb"]) {
      const failing = noteBackup(notes, async (begun) => {
        await begun(id);
        throw new BackupError("BACKUP_NOT_WRITTEN", "no");
      });
      await expect(failing).rejects.toMatchObject({ code: "BACKUP_NOT_WRITTEN" });
    }
    expect(await readEntries(world, "object IN ('aa', 'bb')")).toMatchObject([
      { event: "backup.begun", object: "aa", outcome: "done" },
      { event: "backup.made", object: "aa", outcome: "refused" },
      { event: "backup.begun", object: "bb", outcome: "done" },
      { event: "backup.made", object: "bb", outcome: "refused" },
    ]);
  });
});
