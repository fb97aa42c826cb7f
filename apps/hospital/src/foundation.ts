import { createNodeCrypto, type NodeCrypto } from "@siphms/node-crypto";
import { ServerKitError, systemClock, type Logger } from "@siphms/server-kit";
import { createAuditWriter, createPlainAudit, ensureLog } from "./audit/index.ts";
import {
  DatabaseError,
  migrate,
  openDatabase,
  requireMigrated,
  withAudit,
  type Database,
} from "./database/index.ts";
import { adoptInstallationKey, loadInstallation, type Installation } from "./installation.ts";
import {
  createInstallationKey,
  KeyError,
  loadHospitalKeys,
  loadInstallationKey,
  loadKek,
  openKeyring,
  type HospitalKeys,
  type Kek,
  type KekOptions,
  type Keyring,
} from "./keys/index.ts";
import type { HospitalSettings } from "./settings.ts";
import { surroundingsOf } from "./surroundings.ts";

/** What every command of the hospital stands on. */
export interface Foundation {
  readonly database: Database;
  readonly keyring: Keyring;
  /** What opened the installation key at the start. */
  readonly kek: Kek;
  readonly crypto: NodeCrypto;
}

/** A foundation on which the hospital was made. */
export interface InstalledFoundation extends Foundation {
  readonly installation: Installation;
  readonly keys: HospitalKeys;
}

/** What is told to {@link loadKek} by the settings. */
export function kekOptionsOf(settings: HospitalSettings): KekOptions {
  return {
    passphraseFile: settings.kekPassphraseFile,
    dataFolders: settings.backupFolder === undefined ? [] : [settings.backupFolder],
    unsafeKekWithData: settings.unsafeKekWithData,
  };
}

/** How a foundation is opened. */
export interface OpenOptions {
  /** Called once the schema is there and before the key-encryption key is read. */
  readonly prepareKek?: (database: Database) => Promise<void>;
  /** Nothing is written: neither schema nor rows. Who opens it so puts an audit log of their own behind the database. */
  readonly readOnly?: boolean;
  /** Only to measure what the audit log costs: entries are rows and no more. */
  readonly withoutLog?: boolean;
  /** For a program that stays: told that the database is served by another server from now on, of which nothing is asked. */
  readonly onServerChanged?: () => void;
}

/**
 * Brings the schema up to date where the settings say how, makes sure that it is, and opens database and keyring.
 *
 * @throws {ServerKitError} with a sentence for the operator for anything that they can mend.
 */
export async function openFoundation(
  settings: HospitalSettings,
  log: Logger,
  { prepareKek, readOnly = false, withoutLog = false, onServerChanged }: OpenOptions = {},
): Promise<Foundation> {
  // Before anything is reached: what is unsafe is refused here.
  const source = surroundingsOf(settings).kek;
  return explained(async () => {
    if (readOnly) await requireMigrated(settings.databaseUrl);
    else await prepareSchema(settings, log);
    const opened = await openDatabase({
      url: settings.databaseUrl,
      readOnly,
      onConnectionLost: () => {
        log.warn("a database connection broke");
      },
      ...(onServerChanged === undefined ? {} : { onServerChanged }),
    });
    try {
      await prepareKek?.(opened);
      const kek = await loadKek(source, kekOptionsOf(settings));
      const crypto = createNodeCrypto();
      const key = await loadInstallationKey(opened, kek, crypto);
      // Where nothing is installed yet the key is stored by whoever installs, together with all that stands on it.
      const keyring = openKeyring(key ?? createInstallationKey(crypto), crypto);
      const sink = withoutLog ? createPlainAudit() : createAuditWriter({ keyring, crypto });
      const database = withAudit(opened, sink);
      return { database, keyring, kek, crypto };
    } catch (error) {
      await opened.close();
      throw error;
    }
  });
}

/**
 * Opens the foundation of a hospital that `init` has made.
 *
 * @throws {ServerKitError} as {@link openFoundation}, and where there is no hospital or another one.
 */
export async function openInstalled(
  settings: HospitalSettings,
  log: Logger,
  options: Pick<OpenOptions, "onServerChanged" | "readOnly" | "withoutLog"> = {},
): Promise<InstalledFoundation> {
  const foundation = await openFoundation(settings, log, options);
  try {
    return await explained(async () => {
      const { database, keyring } = foundation;
      const installation = await loadInstallation(database, keyring);
      if (installation === undefined) {
        throw mendable(
          "This database holds no hospital yet. Run: siphms hospital init, with HOSPITAL_ID and SIPHMS_HOSPITAL_NAME set.",
        );
      }
      const { hospitalId } = installation;
      if (settings.hospitalId !== undefined && settings.hospitalId !== hospitalId) {
        throw mendable(
          `HOSPITAL_ID names another hospital than this database holds, ${hospitalId}. It cannot be changed; leave it out or use that hospital's own database.`,
        );
      }
      if (options.readOnly !== true) {
        const now = systemClock.now();
        // First, so that what is noted from here on has a log to stand in.
        await ensureLog(database, { hospitalId, now }, foundation);
        await adoptInstallationKey(foundation, now);
      }
      const keys = await loadHospitalKeys(database, hospitalId, foundation);
      return { ...foundation, installation, keys };
    });
  } catch (error) {
    await foundation.database.close();
    throw error;
  }
}

/** Gives errors whose message is for the operator the class that the program shows to the operator. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KeyError || error instanceof DatabaseError) {
      throw mendable(`${error.message} (${error.code})`, error);
    }
    throw error;
  }
}

async function prepareSchema(settings: HospitalSettings, log: Logger): Promise<void> {
  if (settings.databaseAdminUrl === undefined) {
    await requireMigrated(settings.databaseUrl);
    return;
  }
  const serviceRole = decodeURIComponent(new URL(settings.databaseUrl).username);
  const report = await migrate({ adminUrl: settings.databaseAdminUrl, serviceRole });
  log.info("schema is up to date", { count: report.applied.length, total: report.alreadyThere });
}

function mendable(message: string, cause?: unknown): ServerKitError {
  return new ServerKitError("SETTING_INVALID", message, cause === undefined ? {} : { cause });
}
