import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import { BackupError } from "./error.ts";
import { newestBackup } from "./find-backups.ts";
import { pruneBackups, requireRoom } from "./folder.ts";
import type { MadeBackup } from "./make-backup.ts";
import { noteBackup, type BackupNotes } from "./notes.ts";
import type { MarkKeyring } from "./whole-mark.ts";

/** What scheduled backups need. */
export interface BackupJobPorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly hospitalId: string;
  readonly keyring: MarkKeyring;
  /** Where backups are kept. */
  readonly backups: string;
  /** Age of the newest backup at which the next one is made. */
  readonly everyMs: number;
  /** How many are kept. */
  readonly kept: number;
  readonly notes: BackupNotes;
  /** Makes one; calls what it is given before anything leaves the database. */
  readonly make: (begun: BackupNotes["begun"]) => Promise<MadeBackup>;
  /** Tells administrators that none could be made. */
  readonly onFailed: (error: unknown) => Promise<void>;
}

/** Backups by the clock. */
export interface BackupJob {
  /** Makes a backup where one is due. @returns whether one was made. */
  run(): Promise<boolean>;
  start(): void;
  /** Waits for what is under way: a backup is broken off only when the process ends. */
  stop(): Promise<void>;
}

/** How often is looked whether one is due. */
const LOOK_MS = 5 * 60_000;
/** One that takes longer is told of, and again each time as much later. */
const HANGS_MS = 2 * 3_600_000;

/** Looks from time to time how old the newest backup is: what counts is what lies there, whoever made it. */
export function createBackupJob(ports: BackupJobPorts): BackupJob {
  const { clock, log } = ports;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<boolean> | undefined;
  /** When the one that is under way began, or was last told of. */
  let toldAt = 0;

  const tell = async (error: unknown): Promise<void> => {
    log.error("no backup was made", errorFields(error));
    await ports.onFailed(error).catch((fault: unknown) => {
      log.error("nobody was told of a failed backup", errorFields(fault));
    });
  };
  const run = (): Promise<boolean> => {
    if (working === undefined) toldAt = clock.now();
    working ??= makeDue(ports)
      .catch(async (error: unknown) => {
        await tell(error);
        return false;
      })
      .finally(() => {
        working = undefined;
      });
    return working;
  };
  /** A disk or a connection that answers nothing fails nothing either. */
  const look = (): void => {
    if (working !== undefined && clock.now() - toldAt >= HANGS_MS) {
      toldAt = clock.now();
      void tell(new BackupError("BACKUP_NOT_WRITTEN", "a backup is under way for hours"));
      return;
    }
    void run();
  };
  return {
    run,
    start() {
      void run();
      timer = setInterval(look, LOOK_MS);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await working;
    },
  };
}

async function makeDue(ports: BackupJobPorts): Promise<boolean> {
  const { clock, log, backups, everyMs, kept, notes } = ports;
  const owner = { hospital: ports.hospitalId, keyring: ports.keyring };
  const now = clock.now();
  const newest = await newestBackup(backups, { ...owner, now });
  if (newest !== undefined && now - newest.madeAt < everyMs) return false;
  const { rows, bytes, durationMs } = await noteBackup(notes, async (begun) => {
    await requireRoom(backups, newest);
    return ports.make(begun);
  });
  log.info("backup made", { count: rows, bytes, durationMs });
  const removing: BackupNotes["removing"] = async (old) => {
    await notes.removing(old);
    log.info("old backups go", { count: old.length });
  };
  await pruneBackups(backups, { ...owner, kept, now, removing });
  return true;
}
