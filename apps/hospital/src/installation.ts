import { toHex } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import { appendAudit, beginLog } from "./audit/index.ts";
import type { Database, Queryable, Row, Transaction } from "./database/index.ts";
import {
  createHospitalKeys,
  readWrappedKeys,
  storeWrappedKey,
  type GrantingRow,
  type Kek,
  type Keyring,
} from "./keys/index.ts";

/** What was fixed when the installation was made. */
export interface Installation {
  /** In the hospital's credential and in every invitation, so it never changes. */
  readonly hospitalId: string;
  readonly hospitalName: string;
}

const HOSPITAL_ID = "hospital-id";
const HOSPITAL_NAME = "hospital-name";
/** Of the installation key, which was a key-encryption key when this name was given. */
const KEY_FINGERPRINT = "kek";

interface InstallPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  /** Wraps the installation key from now on. */
  readonly kek: Kek;
  readonly crypto: NodeCrypto;
  readonly now: number;
}

/**
 * Makes the installation: fixes id and name and makes the hospital's keys, in one transaction.
 *
 * @returns false when there is one already; nothing is changed then.
 */
export async function createInstallation(
  wanted: Installation,
  { database, keyring, kek, crypto, now }: InstallPorts,
): Promise<boolean> {
  return database.withTransaction(async (tx) => {
    if (await isInstalled(tx)) return false;
    await insertSetting(tx, keyring, [HOSPITAL_ID, wanted.hospitalId]);
    await insertSetting(tx, keyring, [HOSPITAL_NAME, wanted.hospitalName]);
    await insertSetting(tx, keyring, [KEY_FINGERPRINT, toHex(keyring.fingerprint)]);
    await storeWrappedKey(tx, keyring.wrapUnder(kek), now);
    await createHospitalKeys(tx, { hospitalId: wanted.hospitalId, now }, { keyring, crypto });
    await beginLog(tx, { hospitalId: wanted.hospitalId, now }, { keyring, crypto });
    await appendAudit(tx, [
      {
        at: now,
        event: "hospital.initialised",
        actor: "operator",
        action: "create",
        outcome: "done",
      },
    ]);
    return true;
  });
}

/**
 * Reads what was fixed at the start.
 *
 * @returns `undefined` where the installation has not been made yet.
 * @throws {KeyError} `ROW_ALTERED`
 */
export async function loadInstallation(
  queryable: Queryable,
  keyring: Keyring,
): Promise<Installation | undefined> {
  const rows = await readSettings(queryable);
  const [id, name] = [HOSPITAL_ID, HOSPITAL_NAME].map((key) => rows.get(key));
  if (id === undefined || name === undefined) return undefined;
  return { hospitalId: readSetting(id, keyring), hospitalName: readSetting(name, keyring) };
}

/**
 * Stores the installation key of an installation from before, wrapped under the key-encryption key that it was until now:
 * from then on that one can be rotated.
 *
 * @returns false where there is nothing to do.
 */
export async function adoptInstallationKey(
  { database, keyring, kek }: Pick<InstallPorts, "database" | "keyring" | "kek">,
  now: number,
): Promise<boolean> {
  if (!keyring.isAdopted || (await readWrappedKeys(database)).length > 0) return false;
  return database.withTransaction(async (tx) => {
    // Another process may have been quicker.
    if (!(await storeWrappedKey(tx, keyring.wrapUnder(kek), now))) return false;
    await appendAudit(tx, [
      {
        at: now,
        event: "hospital.key-adopted",
        actor: "hospital",
        object: `installation-key:${toHex(keyring.fingerprint)}`,
        action: "create",
        outcome: "done",
      },
    ]);
    return true;
  });
}

/** Whether a database holds an installation, whoever's key it was made with. */
export async function isInstalled(queryable: Queryable): Promise<boolean> {
  return (await readSettings(queryable)).size > 0;
}

/** The row as its MAC covers it. */
export function settingRow(row: Row): GrantingRow {
  return {
    table: "settings",
    id: row.text("name"),
    version: row.number("version"),
    columns: { value: row.text("value") },
  };
}

function readSetting(row: Row, keyring: Keyring): string {
  keyring.checkRowMac(settingRow(row), row.bytes("mac"));
  return row.text("value");
}

async function readSettings(queryable: Queryable): Promise<ReadonlyMap<string, Row>> {
  const { rows } = await queryable.query("SELECT name, value, version, mac FROM settings");
  return new Map(rows.map((row) => [row.text("name"), row]));
}

async function insertSetting(
  tx: Transaction,
  keyring: Keyring,
  [name, value]: readonly [string, string],
): Promise<void> {
  const mac = keyring.rowMac({ table: "settings", id: name, version: 1, columns: { value } });
  await tx.query("INSERT INTO settings (name, value, version, mac) VALUES ($1, $2, 1, $3)", [
    name,
    value,
    mac,
  ]);
}
