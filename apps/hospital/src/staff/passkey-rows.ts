import type { Bytes } from "@siphms/cose";
import { nextId, type Queryable, type Row, type Transaction } from "../database/index.ts";
import type { GrantingRow, Keyring } from "../keys/index.ts";

/** A passkey as stored. */
export interface StaffPasskey {
  readonly id: number;
  readonly credentialId: Bytes;
  readonly staffId: number;
  /** COSE_Key. */
  readonly publicKey: Bytes;
  /** The authenticator's count of signatures; 0 where it counts none. */
  readonly counter: number;
  readonly label: string;
  readonly state: "active" | "suspended";
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly version: number;
}

const COLUMNS =
  "id, credential_id, staff_id, public_key, counter, label, state, created_at, last_used_at, version, mac";

const BY_CREDENTIAL = `SELECT ${COLUMNS} FROM staff_passkeys WHERE credential_id = $1`;

/** Finds a passkey by its credential id and locks it, so that of two uses one comes first. @throws {KeyError} */
export async function lockPasskey(
  tx: Transaction,
  keyring: Keyring,
  credentialId: Uint8Array,
): Promise<StaffPasskey | undefined> {
  const { rows } = await tx.query(`${BY_CREDENTIAL} FOR UPDATE`, [credentialId]);
  return rows[0] === undefined ? undefined : readPasskey(rows[0], keyring);
}

/** Finds a passkey by its credential id, where nothing can be locked. @throws {KeyError} */
export async function findPasskey(
  queryable: Queryable,
  keyring: Keyring,
  credentialId: Uint8Array,
): Promise<StaffPasskey | undefined> {
  const { rows } = await queryable.query(BY_CREDENTIAL, [credentialId]);
  return rows[0] === undefined ? undefined : readPasskey(rows[0], keyring);
}

/** Somebody's passkeys, the oldest first. @throws {KeyError} `ROW_ALTERED` */
export async function listPasskeys(
  queryable: Queryable,
  keyring: Keyring,
  staffId: number,
): Promise<readonly StaffPasskey[]> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM staff_passkeys WHERE staff_id = $1 ORDER BY id`,
    [staffId],
  );
  return rows.map((row) => readPasskey(row, keyring));
}

/** Stores a new passkey. */
export async function insertPasskey(
  tx: Transaction,
  keyring: Keyring,
  passkey: Omit<StaffPasskey, "id" | "lastUsedAt" | "state" | "version">,
): Promise<StaffPasskey> {
  const id = await nextId(tx, "staff_passkeys");
  const stored: StaffPasskey = { ...passkey, id, state: "active", lastUsedAt: null, version: 1 };
  await tx.query(
    `INSERT INTO staff_passkeys (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      stored.id,
      stored.credentialId,
      stored.staffId,
      stored.publicKey,
      stored.counter,
      stored.label,
      stored.state,
      stored.createdAt,
      stored.lastUsedAt,
      stored.version,
      keyring.rowMac(passkeyRow(stored)),
    ],
  );
  return stored;
}

/** Notes what a use has changed, in a row that {@link lockPasskey} found. */
export async function updatePasskey(
  tx: Transaction,
  keyring: Keyring,
  passkey: StaffPasskey,
): Promise<void> {
  const changed: StaffPasskey = { ...passkey, version: passkey.version + 1 };
  await tx.query(
    `UPDATE staff_passkeys SET counter = $2, state = $3, last_used_at = $4, version = $5, mac = $6
     WHERE id = $1`,
    [
      changed.id,
      changed.counter,
      changed.state,
      changed.lastUsedAt,
      changed.version,
      keyring.rowMac(passkeyRow(changed)),
    ],
  );
}

/** Takes one of somebody's passkeys away. */
export async function deletePasskey(
  tx: Transaction,
  { id, staffId }: { readonly id: number; readonly staffId: number },
): Promise<void> {
  await tx.query("DELETE FROM staff_passkeys WHERE id = $1 AND staff_id = $2", [id, staffId]);
}

/** The row as its MAC covers it. */
function passkeyRow(passkey: StaffPasskey): GrantingRow {
  return {
    table: "staff_passkeys",
    id: String(passkey.id),
    version: passkey.version,
    columns: {
      credential_id: passkey.credentialId,
      staff_id: passkey.staffId,
      public_key: passkey.publicKey,
      counter: passkey.counter,
      label: passkey.label,
      state: passkey.state,
      created_at: passkey.createdAt,
      last_used_at: passkey.lastUsedAt,
    },
  };
}

/** Takes a row of `staff_passkeys` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readPasskey(row: Row, keyring: Keyring): StaffPasskey {
  const passkey: StaffPasskey = {
    id: row.number("id"),
    credentialId: row.bytes("credential_id"),
    staffId: row.number("staff_id"),
    publicKey: row.bytes("public_key"),
    counter: row.number("counter"),
    label: row.text("label"),
    state: row.text("state") === "active" ? "active" : "suspended",
    createdAt: row.number("created_at"),
    lastUsedAt: row.numberOrNull("last_used_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(passkeyRow(passkey), row.bytes("mac"));
  return passkey;
}
