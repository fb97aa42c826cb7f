import { toHex, type Bytes } from "@siphms/cose";
import { DatabaseError, nextId, type Row, type Transaction } from "../database/index.ts";
import type { Cell } from "./cell.ts";
import type { GrantingRow, Keyring } from "./keyring.ts";

/** What a key of the hospital is for. */
export type KeyPurpose = "identity" | "log" | "pass";

const PURPOSES: readonly KeyPurpose[] = ["identity", "log", "pass"];

/** One row of `hospital_keys`, its MAC checked and its private scalar opened. */
export interface StoredKey {
  readonly id: number;
  readonly purpose: KeyPurpose;
  readonly kid: Bytes;
  readonly credential: Bytes;
  readonly scalar: Bytes;
  readonly state: "current" | "retired";
  readonly createdAt: number;
  readonly validUntil: number | null;
}

/** Adds a current key and seals its scalar. */
export async function insertKey(
  tx: Transaction,
  keyring: Keyring,
  key: {
    readonly purpose: KeyPurpose;
    readonly kid: Bytes;
    readonly credential: Bytes;
    readonly scalar: Bytes;
    readonly now: number;
  },
): Promise<void> {
  const id = await nextId(tx, "hospital_keys");
  const sealed = keyring.sealCell(keyCell(key.kid), key.scalar);
  const columns = {
    purpose: key.purpose,
    kid: key.kid,
    credential: key.credential,
    sealed,
    state: "current",
    created_at: key.now,
    retired_at: null,
    valid_until: null,
  };
  const mac = keyring.rowMac({ table: "hospital_keys", id: String(id), version: 1, columns });
  await tx.query(
    `INSERT INTO hospital_keys (id, purpose, kid, credential, sealed, state, created_at, version, mac)
     VALUES ($1, $2, $3, $4, $5, 'current', $6, 1, $7)`,
    [id, key.purpose, key.kid, key.credential, sealed, key.now, mac],
  );
}

/** The row as its MAC covers it. */
export function hospitalKeyRow(row: Row): GrantingRow {
  return {
    table: "hospital_keys",
    id: String(row.number("id")),
    version: row.number("version"),
    columns: {
      purpose: row.text("purpose"),
      kid: row.bytes("kid"),
      credential: row.bytes("credential"),
      sealed: row.bytes("sealed"),
      state: row.text("state"),
      created_at: row.number("created_at"),
      retired_at: row.numberOrNull("retired_at"),
      valid_until: row.numberOrNull("valid_until"),
    },
  };
}

/**
 * Retires the current key of a purpose under a row lock, so that of two rotations one comes after the other.
 *
 * @returns Its kid; `undefined` where there is none that is current, because another rotation is just over.
 * @throws {KeyError} `ROW_ALTERED`
 */
export async function retireCurrentKey(
  tx: Transaction,
  keyring: Keyring,
  input: {
    readonly purpose: KeyPurpose;
    readonly now: number;
    /** Until when it still answers; null for a key that does nothing more. */
    readonly validUntil: number | null;
  },
): Promise<Bytes | undefined> {
  const { rows } = await tx.query(
    "SELECT * FROM hospital_keys WHERE purpose = $1 AND state = 'current' FOR UPDATE",
    [input.purpose],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const old = hospitalKeyRow(row);
  keyring.checkRowMac(old, row.bytes("mac"));
  const { now, validUntil } = input;
  const version = old.version + 1;
  const change = { state: "retired", retired_at: now, valid_until: validUntil };
  const mac = keyring.rowMac({ ...old, version, columns: { ...old.columns, ...change } });
  await tx.query(
    `UPDATE hospital_keys SET state = 'retired', retired_at = $2, valid_until = $3, version = $4, mac = $5
     WHERE id = $1`,
    [row.number("id"), now, validUntil, version, mac],
  );
  return row.bytes("kid");
}

/** Takes a row of `hospital_keys` with all its columns. @throws {KeyError} `ROW_ALTERED`, `CELL_UNAUTHENTIC` */
export function readKey(row: Row, keyring: Keyring): StoredKey {
  keyring.checkRowMac(hospitalKeyRow(row), row.bytes("mac"));
  const kid = row.bytes("kid");
  return {
    id: row.number("id"),
    purpose: purposeOf(row),
    kid,
    credential: row.bytes("credential"),
    scalar: keyring.openCell(keyCell(kid), row.bytes("sealed")),
    state: row.text("state") === "current" ? "current" : "retired",
    createdAt: row.number("created_at"),
    validUntil: row.numberOrNull("valid_until"),
  };
}

function purposeOf(row: Row): KeyPurpose {
  const text = row.text("purpose");
  const purpose = PURPOSES.find((known) => known === text);
  if (purpose === undefined) throw new DatabaseError("ROW_SHAPE", "hospital_keys: unknown purpose");
  return purpose;
}

function keyCell(kid: Bytes): Cell {
  return { table: "hospital_keys", column: "sealed", row: toHex(kid) };
}
