import { stat } from "node:fs/promises";
import {
  findBackups,
  isFromFuture,
  type BackupFault,
  type BrokenBackup,
  type WholeBackup,
} from "../backup/index.ts";
import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** One that is under way, or was tried again, is not late yet. */
const PATIENCE_HOURS = 2;
const DRILL_DAYS = 90;
const OTHERS = 0o077;

const BROKEN: Readonly<Record<BackupFault, string>> = {
  altered: "the first line of a file is not as it was written",
  "cut-off": "a file is shorter or longer than it was written",
  "keys-missing": "its file `keys` is missing",
  "mark-altered": "its file `whole` was not written by this installation, or was altered",
  "mark-missing": "its file `whole` is missing",
  "records-missing": "its file `records` is missing",
  renamed: "its name is another than it was made with",
};

/** Looks how old the newest backup is, who else can read it, and when a restore was last tried. */
export async function sweepBackups(ports: AroundPorts): Promise<Sweep> {
  const { settings, hospitalId, clock } = ports;
  const { backupFolder, backupHours } = settings;
  const sweep = createSweep("backups");
  if (backupFolder === undefined) {
    sweep.note("SIPHMS_HOSPITAL_BACKUP_FOLDER", "is not set: no backup is made by itself");
    return sweep.done(0);
  }
  const owner = { hospital: hospitalId, keyring: ports.keyring };
  const { whole, broken } = await findBackups(backupFolder, owner);
  const now = clock.now();
  const newest = whole.find((backup) => !isFromFuture(backup, now));
  for (const backup of whole.filter((one) => isFromFuture(one, now))) {
    sweep.find(backup.folder, "says that it was made later than now: a clock was wrong");
  }
  for (const backup of broken) {
    if (isLetGo(backup, newest)) {
      sweep.note(
        backup.folder,
        "has no `keys`: it is restored only with a newer backup's (--keys)",
      );
    } else {
      const why = BROKEN[backup.fault];
      sweep.find(
        backup.folder,
        `does not count as a backup: ${why}; find out why, and move it elsewhere`,
      );
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

/** Keys are let go before records, so that whoever was erased since stays erased: of older backups, not of the newest. */
function isLetGo({ fault, madeAt }: BrokenBackup, newest: WholeBackup | undefined): boolean {
  return fault === "keys-missing" && newest !== undefined && madeAt < newest.madeAt;
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
