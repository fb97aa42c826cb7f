import { errorFields, type Clock } from "@siphms/server-kit";
import { appendAudit, type AuditEntry } from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import {
  entryOfBackup,
  entryOfBegun,
  entryOfFailedBackup,
  entryOfRemoval,
  type BackupActor,
} from "./entries.ts";
import type { OldBackup } from "./folder.ts";
import type { MadeBackup } from "./make-backup.ts";

/** Where it is noted what is done with backups. Each rejects where it could not be noted. */
export interface BackupNotes {
  /** Before anything leaves the database. */
  begun(id: string): Promise<void>;
  made(made: MadeBackup): Promise<void>;
  /** @param id - Of one that had begun. */
  refused(code: string, id: string | undefined): Promise<void>;
  /** Before they are removed. */
  removing(old: readonly OldBackup[]): Promise<void>;
}

/** What keeps a backup from beginning may last for days, and is tried again every few minutes. */
const REPEATED_MS = 3_600_000;

/** Notes in the audit log. */
export function createBackupNotes({
  database,
  clock,
  actor,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly actor: BackupActor;
}): BackupNotes {
  const append = (entries: readonly AuditEntry[]): Promise<void> =>
    database.withTransaction((tx) => appendAudit(tx, entries));
  const act = () => ({ at: clock.now(), actor });
  let last: { readonly code: string; readonly at: number } | undefined;

  return {
    begun: (id) => append([entryOfBegun(id, act())]),
    made: (made) => append([entryOfBackup(made, actor)]),
    async refused(code, id) {
      const at = clock.now();
      if (id === undefined && last?.code === code && at - last.at < REPEATED_MS) return;
      await append([entryOfFailedBackup(id, code, act())]);
      if (id === undefined) last = { code, at };
    },
    removing: (old) => append(old.map((one) => entryOfRemoval(one, act()))),
  };
}

/**
 * Makes a backup and notes how that goes: that it begins, that it was made, or why it was not.
 *
 * @param make - Makes it, and calls what it is given before anything leaves the database.
 */
export async function noteBackup(
  notes: BackupNotes,
  make: (begun: BackupNotes["begun"]) => Promise<MadeBackup>,
): Promise<MadeBackup> {
  let begunId: string | undefined;
  const begun = async (id: string): Promise<void> => {
    await notes.begun(id);
    begunId = id;
  };
  const made = await make(begun).catch(async (error: unknown) => {
    const code = errorFields(error).errorCode ?? "UNKNOWN";
    // Where the database itself is away nothing can be noted, and that is what is said.
    await notes.refused(code, begunId).catch(() => undefined);
    throw error;
  });
  await notes.made(made);
  return made;
}
