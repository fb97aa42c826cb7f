import { concatBytes, equalBytes, toHex, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Queryable } from "../database/index.ts";
import { openFromCell, sealForCell, type Cell } from "./cell.ts";
import { KeyError } from "./error.ts";

/**
 * The key-encryption key: 32 bytes that never lie in the database or a backup. All that it does is to wrap the installation
 * key, so it can be another one tomorrow without anything being sealed anew.
 */
export interface Kek {
  readonly bytes: Bytes;
  /** The installation key wrapped under it, where both came from one recovery file. */
  readonly carried?: Bytes;
}

/** The key that patients' keys are wrapped under, and cells and granting rows: never changed, and never stored but wrapped. */
export interface InstallationKey {
  readonly bytes: Bytes;
  /** Whether it was once a key-encryption key itself: installations made before the two were told apart keep theirs. */
  readonly adopted: boolean;
}

/** The installation key as it is stored: one row for each key-encryption key that opens it. */
export interface WrappedKey {
  /** 8 bytes that tell one key-encryption key from another and say nothing about it. */
  readonly kek: Bytes;
  readonly wrapped: Bytes;
}

const KEY_BYTES = 32;
const FINGERPRINT_BYTES = 8;

/** Makes the key of a new installation. */
export function createInstallationKey(crypto: NodeCrypto): InstallationKey {
  return { bytes: crypto.randomBytes(KEY_BYTES), adopted: false };
}

/** 8 bytes that tell one key-encryption key from another and say nothing about it. */
export function kekFingerprint(kek: Kek, crypto: NodeCrypto): Bytes {
  return derive(kek.bytes, "siphms kek: itself, 1", crypto).slice(0, FINGERPRINT_BYTES);
}

/** 8 bytes that tell one installation key from another and say nothing about it. Stands in `settings` and beside patients' keys. */
export function installationFingerprint(key: Uint8Array, crypto: NodeCrypto): Bytes {
  return derive(key, "siphms kek: fingerprint, 1", crypto).slice(0, FINGERPRINT_BYTES);
}

/** Wraps the installation key under a key-encryption key. */
export function wrapInstallationKey(
  key: InstallationKey,
  kek: Kek,
  crypto: NodeCrypto,
): WrappedKey {
  const fingerprint = kekFingerprint(kek, crypto);
  const plaintext = concatBytes(Uint8Array.of(key.adopted ? 1 : 0), key.bytes);
  const wrapped = sealForCell(wrapKey(kek, crypto), wrapCell(fingerprint), plaintext);
  return { kek: fingerprint, wrapped };
}

/**
 * Opens the installation key with the row that this key-encryption key wraps, or with what a recovery file carries.
 *
 * @returns `undefined` where neither is there: it is another installation's key-encryption key, or one that was retired.
 * @throws {KeyError} `CELL_UNAUTHENTIC` where the row was altered, `KEK_WRONG` for a recovery file's passphrase that is not its own.
 */
export function openInstallationKey(
  rows: readonly WrappedKey[],
  kek: Kek,
  crypto: NodeCrypto,
): InstallationKey | undefined {
  if (kek.carried !== undefined) return openCarried(kek, kek.carried, crypto);
  const fingerprint = kekFingerprint(kek, crypto);
  const row = rows.find((candidate) => equalBytes(candidate.kek, fingerprint));
  return row === undefined ? undefined : unwrap(row.wrapped, kek, crypto);
}

/**
 * Reads the installation key of a database. An installation from before is opened by its key-encryption key itself, which
 * is then the installation key.
 *
 * Reads only.
 *
 * @returns `undefined` where nothing is installed yet.
 * @throws {KeyError} `KEK_WRONG`, `CELL_UNAUTHENTIC`
 */
export async function loadInstallationKey(
  queryable: Queryable,
  kek: Kek,
  crypto: NodeCrypto,
): Promise<InstallationKey | undefined> {
  const known = await readFingerprint(queryable);
  if (known === undefined) return undefined;
  const rows = await readWrappedKeys(queryable);
  const key = openInstallationKey(rows, kek, crypto) ?? keyFromBefore(rows, kek);
  if (key === undefined || toHex(installationFingerprint(key.bytes, crypto)) !== known) {
    throw new KeyError(
      "KEK_WRONG",
      "this key-encryption key does not open this database; use the one that it was made with, or last rotated to",
    );
  }
  return key;
}

/** The stored rows, oldest first, with when each was made (ms). */
export async function readWrappedKeys(
  queryable: Queryable,
): Promise<readonly (WrappedKey & { readonly createdAt: number })[]> {
  const { rows } = await queryable.query(
    "SELECT kek, wrapped, created_at FROM keystore.installation_keys ORDER BY created_at, kek",
  );
  return rows.map((row) => ({
    kek: row.bytes("kek"),
    wrapped: row.bytes("wrapped"),
    createdAt: row.number("created_at"),
  }));
}

/** Stores one more row. @returns false where this key-encryption key has one already; nothing is changed then. */
export async function storeWrappedKey(
  queryable: Queryable,
  key: WrappedKey,
  now: number,
): Promise<boolean> {
  const { count } = await queryable.query(
    "INSERT INTO keystore.installation_keys (kek, wrapped, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [key.kek, key.wrapped, now],
  );
  return count === 1;
}

/** Takes every other row away. @returns the fingerprints of those that opened until now. */
export async function dropOtherWrappedKeys(
  queryable: Queryable,
  kept: Uint8Array,
): Promise<readonly Bytes[]> {
  const { rows } = await queryable.query(
    "DELETE FROM keystore.installation_keys WHERE kek <> $1 RETURNING kek",
    [kept],
  );
  return rows.map((row) => row.bytes("kek"));
}

function openCarried(kek: Kek, carried: Bytes, crypto: NodeCrypto): InstallationKey {
  try {
    return unwrap(carried, kek, crypto);
  } catch (cause) {
    throw new KeyError(
      "KEK_WRONG",
      "the passphrase is not the one that the recovery file was made with, or the file was altered",
      { cause },
    );
  }
}

function unwrap(wrapped: Bytes, kek: Kek, crypto: NodeCrypto): InstallationKey {
  const cell = wrapCell(kekFingerprint(kek, crypto));
  const plaintext = openFromCell(wrapKey(kek, crypto), cell, wrapped);
  return { bytes: plaintext.slice(1), adopted: plaintext[0] === 1 };
}

/** Before the two keys were told apart there was no row. One that has lost its rows has another fingerprint, and stays shut. */
function keyFromBefore(rows: readonly WrappedKey[], kek: Kek): InstallationKey | undefined {
  return rows.length === 0 ? { bytes: kek.bytes, adopted: true } : undefined;
}

/** The installation key's fingerprint, fixed at `init`. */
async function readFingerprint(queryable: Queryable): Promise<string | undefined> {
  const { rows } = await queryable.query("SELECT value FROM settings WHERE name = 'kek'");
  return rows[0]?.text("value");
}

function wrapKey(kek: Kek, crypto: NodeCrypto) {
  return { crypto, key: derive(kek.bytes, "siphms kek: installation key, 1", crypto) };
}

function wrapCell(fingerprint: Uint8Array): Cell {
  return {
    table: "keystore.installation_keys",
    column: "wrapped",
    row: toHex(fingerprint),
  };
}

function derive(key: Uint8Array, label: string, crypto: NodeCrypto): Bytes {
  return crypto.hmacSha256Sync(key, new TextEncoder().encode(label));
}
