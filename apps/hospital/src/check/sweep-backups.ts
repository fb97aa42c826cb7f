import { stat } from "node:fs/promises";
import { isFromFuture, listBackups, newestBackup } from "../backup/index.ts";
import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** One that is under way, or was tried again, is not late yet. */
const PATIENCE_HOURS = 2;
const DRILL_DAYS = 90;
const OTHERS = 0o077;

/** Looks how old the newest backup is, who else can read it, and when a restore was last tried. */
export async function sweepBackups(ports: AroundPorts): Promise<Sweep> {
  const { settings, hospitalId, clock } = ports;
  const { backupFolder, backupHours } = settings;
  const sweep = createSweep("backups");
  if (backupFolder === undefined) {
    sweep.note("SIPHMS_HOSPITAL_BACKUP_FOLDER", "is not set: no backup is made by itself");
    return sweep.done(0);
  }
  const newest = await newestBackup(backupFolder, { hospital: hospitalId, now: clock.now() });
  const now = clock.now();
  for (const backup of await listBackups(backupFolder, hospitalId)) {
    if (isFromFuture(backup, now)) {
      sweep.find(backup.folder, "says that it was made later than now: a clock was wrong");
    }
  }
  if (newest === undefined) {
    sweep.find(backupFolder, "there is no backup; run: siphms backup");
    return sweep.done(0);
  }
  const hours = Math.floor((now - newest.madeAt) / HOUR_MS);
  if (hours >= backupHours + PATIENCE_HOURS) {
    sweep.find(
      newest.folder,
      `the newest backup is ${String(hours)} hours old; run: siphms backup`,
    );
  }
  if (((await stat(backupFolder)).mode & OTHERS) !== 0) {
    sweep.find(backupFolder, `other users can enter it; run: chmod 700 ${backupFolder}`);
  }
  const drill = await newestDrill(ports);
  if (drill !== undefined && !drill.isDone) {
    sweep.find(
      "drill",
      "the newest try to restore failed; look why, and run it again: siphms drill",
    );
  } else if (drill === undefined || now - drill.at > DRILL_DAYS * DAY_MS) {
    sweep.note("drill", "no restore was tried for 90 days; run: siphms drill");
  }
  return sweep.done(1);
}

async function newestDrill({
  database,
}: AroundPorts): Promise<{ readonly at: number; readonly isDone: boolean } | undefined> {
  const { rows } = await database.query(
    "SELECT at, outcome FROM audit_events WHERE event = 'backup.drilled' ORDER BY id DESC LIMIT 1",
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return { at: row.number("at"), isDone: row.text("outcome") === "done" };
}
