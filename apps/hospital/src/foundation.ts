import { createNodeCrypto, type NodeCrypto } from "@siphms/node-crypto";
import { ServerKitError, type Logger } from "@siphms/server-kit";
import {
  DatabaseError,
  migrate,
  openDatabase,
  requireMigrated,
  type Database,
} from "./database/index.ts";
import { loadInstallation, type Installation } from "./installation.ts";
import {
  KeyError,
  loadHospitalKeys,
  loadKek,
  openKeyring,
  type HospitalKeys,
  type KekOptions,
  type Keyring,
} from "./keys/index.ts";
import { surroundingsOf, type HospitalSettings } from "./settings.ts";

/** What every command of the hospital stands on. */
export interface Foundation {
  readonly database: Database;
  readonly keyring: Keyring;
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

/**
 * Brings the schema up to date where the settings say how, makes sure that it is, and opens database and keyring.
 *
 * @param prepareKek - Called once the schema is there and before the key-encryption key is read.
 * @throws {ServerKitError} with a sentence for the operator for anything that they can mend.
 */
export async function openFoundation(
  settings: HospitalSettings,
  log: Logger,
  prepareKek: (database: Database) => Promise<void> = () => Promise.resolve(),
): Promise<Foundation> {
  return explained(async () => {
    await prepareSchema(settings, log);
    const database = await openDatabase({
      url: settings.databaseUrl,
      onConnectionLost: () => {
        log.warn("a database connection broke");
      },
    });
    try {
      await prepareKek(database);
      const kek = await loadKek(surroundingsOf(settings).kek, kekOptionsOf(settings));
      const crypto = createNodeCrypto();
      return { database, keyring: openKeyring(kek, crypto), crypto };
    } catch (error) {
      await database.close();
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
): Promise<InstalledFoundation> {
  const foundation = await openFoundation(settings, log);
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
