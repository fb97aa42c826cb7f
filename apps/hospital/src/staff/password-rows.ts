import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { GrantingRow, Keyring } from "../keys/index.ts";

/** A member of staff's password as stored. */
export interface StaffPassword {
  readonly staffId: number;
  /** Argon2id in PHC form. */
  readonly hash: string;
  readonly changedAt: number;
  readonly version: number;
}

const COLUMNS = "staff_id, hash, changed_at, version, mac";

/** Finds somebody's password. @throws {KeyError} `ROW_ALTERED` */
export async function findPassword(
  queryable: Queryable,
  keyring: Keyring,
  staffId: number,
): Promise<StaffPassword | undefined> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM staff_passwords WHERE staff_id = $1`,
    [staffId],
  );
  return rows[0] === undefined ? undefined : readPassword(rows[0], keyring);
}

/** Stores a password in place of the one before. */
export async function storePassword(
  tx: Transaction,
  keyring: Keyring,
  password: Omit<StaffPassword, "version">,
): Promise<void> {
  const known = await findPassword(tx, keyring, password.staffId);
  const stored: StaffPassword = { ...password, version: (known?.version ?? 0) + 1 };
  await tx.query(
    `INSERT INTO staff_passwords (${COLUMNS}) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (staff_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at,
       version = excluded.version, mac = excluded.mac`,
    [
      stored.staffId,
      stored.hash,
      stored.changedAt,
      stored.version,
      keyring.rowMac(passwordRow(stored)),
    ],
  );
}

/** The row as its MAC covers it. */
function passwordRow(password: StaffPassword): GrantingRow {
  return {
    table: "staff_passwords",
    id: String(password.staffId),
    version: password.version,
    columns: { hash: password.hash, changed_at: password.changedAt },
  };
}

/** Takes a row of `staff_passwords` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readPassword(row: Row, keyring: Keyring): StaffPassword {
  const password: StaffPassword = {
    staffId: row.number("staff_id"),
    hash: row.text("hash"),
    changedAt: row.number("changed_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(passwordRow(password), row.bytes("mac"));
  return password;
}
