import { encodeCbor, equalBytes, type Bytes, type CborValue } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Queryable, Transaction } from "../database/index.ts";
import { openFromCell, sealForCell, type Cell } from "./cell.ts";
import { KeyError } from "./error.ts";
import {
  installationFingerprint,
  kekFingerprint,
  openInstallationKey,
  wrapInstallationKey,
  type InstallationKey,
  type Kek,
  type WrappedKey,
} from "./installation-key.ts";
import { createPatientKeys, type PatientCipher } from "./patient-keys.ts";

/** A column of a granting row as its MAC covers it. */
export type ColumnValue = string | number | boolean | null | Uint8Array;

/** A row that grants something, with every column but `version` and `mac` named in `columns` or being `id`. */
export interface GrantingRow {
  readonly table: string;
  /** The primary key as text (bytes as hex). */
  readonly id: string;
  readonly version: number;
  readonly columns: Readonly<Record<string, ColumnValue>>;
}

/** Purposes of blind indexes: the same text has another index for each. */
export type IndexPurpose =
  | "audit-entry"
  | "audit-subject"
  | "backup"
  | "invitation-token"
  | "mrn"
  | "staff-challenge"
  | "staff-command-session"
  | "staff-link"
  | "staff-passkey-user"
  | "staff-password"
  | "staff-recovery-code"
  | "staff-session"
  | "staff-tries";

/**
 * Everything that stands on the installation key. Synchronous but where a patient's key must first be read from
 * the key store. Hands out no key bytes.
 */
export interface Keyring {
  /** 8 bytes that tell one installation key from another and say nothing about it. */
  readonly fingerprint: Bytes;
  /** Whether the installation key was once a key-encryption key itself. */
  readonly isAdopted: boolean;
  /** The installation key as one more key-encryption key wraps it: a row for the store, or what a recovery file carries. */
  wrapUnder(kek: Kek): WrappedKey;
  /** The name of a key-encryption key in the store. */
  fingerprintOf(kek: Kek): Bytes;
  /** Whether the next start with this key-encryption key finds the installation key in these rows. */
  isOpenedBy(kek: Kek, rows: readonly WrappedKey[]): boolean;
  /** Seals a value that belongs to no patient: hospital keys, session keys. */
  sealCell(cell: Cell, plaintext: Uint8Array): Bytes;
  /** @throws {KeyError} `CELL_UNAUTHENTIC` */
  openCell(cell: Cell, sealed: Uint8Array): Bytes;
  /** A keyed one-way image, 32 bytes, for finding a row by a secret or a name that is not stored. */
  blindIndex(purpose: IndexPurpose, value: string | Uint8Array): Bytes;
  /** The MAC of a granting row, 32 bytes: write it with the row. */
  rowMac(row: GrantingRow): Bytes;
  /**
   * To be called for every granting row that was read, before anything is believed.
   * @throws {KeyError} `ROW_ALTERED` naming table and row.
   */
  checkRowMac(row: GrantingRow, mac: Uint8Array): void;
  /** Makes a patient's data key, in the transaction that makes the patient. */
  createPatientKey(tx: Transaction, patientId: string, now: number): Promise<PatientCipher>;
  /**
   * What seals and opens a patient's cells: `sealForPatient` and `openForPatient` in one. Cached; the first use reads
   * the key store through `queryable`, so give the transaction where there is one.
   * @throws {KeyError} `PATIENT_KEY_MISSING` when there is none: never made, or erased.
   */
  patientCipher(queryable: Queryable, patientId: string): Promise<PatientCipher>;
  /**
   * Makes sure that a wrapped data key is the patient's, whatever is kept in memory. For `siphms check`.
   * @throws {KeyError} `CELL_UNAUTHENTIC`
   */
  checkPatientKey(patientId: string, wrapped: Uint8Array): void;
}

/** Derives what the keyring needs from the installation key and keeps it in memory only. */
export function openKeyring(installation: InstallationKey, crypto: NodeCrypto): Keyring {
  // The labels are older than the difference between the two keys, and stay: what was sealed under them is to open.
  const derive = (label: string): Bytes => crypto.hmacSha256Sync(installation.bytes, utf8(label));
  const cellKey = { crypto, key: derive("siphms kek: cells, 1") };
  const macKey = derive("siphms kek: rows, 1");
  const indexKey = derive("siphms kek: indexes, 1");
  const wrapKey = { crypto, key: derive("siphms kek: patient keys, 1") };
  const fingerprint = installationFingerprint(installation.bytes, crypto);
  const patients = createPatientKeys({ wrapKey, fingerprint });

  const rowMac = (row: GrantingRow): Bytes => crypto.hmacSha256Sync(macKey, encodeRow(row));
  return {
    fingerprint,
    isAdopted: installation.adopted,
    wrapUnder: (kek) => wrapInstallationKey(installation, kek, crypto),
    fingerprintOf: (kek) => kekFingerprint(kek, crypto),
    isOpenedBy: (kek, rows) => opensAs(installation, { rows, kek, crypto }),
    sealCell: (cell, plaintext) => sealForCell(cellKey, cell, plaintext),
    openCell: (cell, sealed) => openFromCell(cellKey, cell, sealed),
    blindIndex: (purpose, value) =>
      crypto.hmacSha256Sync(indexKey, encodeCbor([purpose, toCborValue(value)])),
    rowMac,
    checkRowMac: (row, mac) => {
      if (!equalBytes(rowMac(row), mac)) {
        throw new KeyError(
          "ROW_ALTERED",
          `row ${row.id} of ${row.table} was not written by this installation; run siphms check`,
        );
      }
    },
    createPatientKey: (tx, patientId, now) => patients.create(tx, patientId, now),
    patientCipher: (queryable, patientId) => patients.load(queryable, patientId),
    checkPatientKey: (patientId, wrapped) => {
      patients.check(patientId, wrapped);
    },
  };
}

function opensAs(
  installation: InstallationKey,
  stored: { readonly rows: readonly WrappedKey[]; readonly kek: Kek; readonly crypto: NodeCrypto },
): boolean {
  try {
    const opened = openInstallationKey(stored.rows, stored.kek, stored.crypto);
    return opened !== undefined && equalBytes(opened.bytes, installation.bytes);
  } catch (error) {
    if (error instanceof KeyError) return false;
    throw error;
  }
}

/** Deterministic, so that the order in which a caller names columns does not matter. */
function encodeRow(row: GrantingRow): Bytes {
  const columns = new Map(
    Object.entries(row.columns).map(([name, value]) => [name, toCborValue(value)] as const),
  );
  return encodeCbor(["siphms-row-1", row.table, row.id, row.version, columns]);
}

function toCborValue(value: ColumnValue): CborValue {
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
