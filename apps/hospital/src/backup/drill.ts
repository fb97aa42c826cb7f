import { withCopyTransaction, openDatabase, type Database } from "../database/index.ts";
import { loadHospitalKeys, loadInstallationKey, openKeyring } from "../keys/index.ts";
import { loadInstallation } from "../installation.ts";
import { countLost, type Lost } from "./drill-lost.ts";
import type { StoredBackup } from "./find-backups.ts";
import { restoreBackup, type Restored, type RestorePorts } from "./restore.ts";

/** What a drill works with. */
export interface DrillPorts extends RestorePorts {
  /** The hospital that runs: what it has and the backup has not is what would be lost. */
  readonly database: Database;
  /** `postgres://…` of an empty database that may be filled and emptied; the role owns it. */
  readonly scratchUrl: string;
}

/** How a restore would go today. */
export interface Drilled {
  readonly restored: Restored;
  /** From the beginning until the restored hospital's own keys could be opened: how long a restore takes, ms. */
  readonly durationMs: number;
  /** How old the backup is: what came later would be lost, ms. */
  readonly ageMs: number;
  /** What came later. */
  readonly lost: Lost;
}

/**
 * Restores a backup into a scratch database, opens it as a start of the hospital would, says how long that took and what it
 * lacks, and empties the scratch database again.
 *
 * @throws {BackupError} as {@link restoreBackup}; then the backup is of no use.
 */
export async function drillBackup(backup: StoredBackup, ports: DrillPorts): Promise<Drilled> {
  const { clock, scratchUrl } = ports;
  const began = clock.now();
  const serviceRole = decodeURIComponent(new URL(scratchUrl).username);
  const { folder } = backup;
  const restored = await restoreBackup({ folder, adminUrl: scratchUrl, serviceRole }, ports);
  try {
    await openScratch(ports);
    const durationMs = clock.now() - began;
    return {
      restored,
      durationMs,
      ageMs: began - backup.madeAt,
      lost: await countLost(ports.database, restored.tables),
    };
  } finally {
    await emptyScratch(scratchUrl);
  }
}

/** As a start does: the key-encryption key opens the installation key, and that the hospital's own keys. */
async function openScratch({ scratchUrl, kek, crypto }: DrillPorts): Promise<void> {
  const scratch = await openDatabase({ url: scratchUrl });
  try {
    const key = await loadInstallationKey(scratch, kek, crypto);
    if (key === undefined) throw new TypeError("restored, and nothing is installed");
    const keyring = openKeyring(key, crypto);
    const installation = await loadInstallation(scratch, keyring);
    if (installation === undefined) throw new TypeError("restored, and there is no hospital");
    await loadHospitalKeys(scratch, installation.hospitalId, { keyring, crypto });
  } finally {
    await scratch.close();
  }
}

/** Only what the restore has just made: it is restored into an empty database alone. */
async function emptyScratch(url: string): Promise<void> {
  await withCopyTransaction({ url, kind: "write" }, (tx) =>
    tx.execute("DROP SCHEMA keystore CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public"),
  );
}
