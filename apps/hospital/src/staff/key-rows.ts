import type { IntegrationKey } from "@siphms/api";
import { concatBytes, CoseError, fromBase64Url, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { GrantingRow, Keyring } from "../keys/index.ts";

/** The public key of an integration account, the row's MAC checked. */
export interface StaffKey {
  readonly staffId: number;
  /** Of a P-256 point: x, then y, 32 bytes each. */
  readonly publicKey: Bytes;
  readonly createdAt: number;
  readonly version: number;
}

const COORDINATE_BYTES = 32;
const COLUMNS = "staff_id, public_key, created_at, version, mac";

/** The bytes of a public key that somebody sent; `undefined` where it is no point of the curve. */
export async function publicKeyOf(
  key: IntegrationKey,
  crypto: NodeCrypto,
): Promise<Bytes | undefined> {
  try {
    const point = { x: fromBase64Url(key.x), y: fromBase64Url(key.y) };
    await crypto.importVerifyKey(point);
    return concatBytes(point.x, point.y);
  } catch (error) {
    if (error instanceof CoseError) return undefined;
    throw error;
  }
}

/** Verifies a signature by a stored key. */
export async function isSignedBy(
  key: StaffKey,
  signed: { readonly signature: Uint8Array; readonly data: Uint8Array },
  crypto: NodeCrypto,
): Promise<boolean> {
  const x = key.publicKey.slice(0, COORDINATE_BYTES);
  const y = key.publicKey.slice(COORDINATE_BYTES);
  const verifyKey = await crypto.importVerifyKey({ x, y });
  return crypto.verify(verifyKey, signed.signature, signed.data);
}

/** Finds the key of an account. @throws {KeyError} `ROW_ALTERED` */
export async function findKey(
  queryable: Queryable,
  keyring: Keyring,
  staffId: number,
): Promise<StaffKey | undefined> {
  const { rows } = await queryable.query(`SELECT ${COLUMNS} FROM staff_keys WHERE staff_id = $1`, [
    staffId,
  ]);
  return rows[0] === undefined ? undefined : readKey(rows[0], keyring);
}

/** Stores the key of an account, in the place of the one before. */
export async function putKey(
  tx: Transaction,
  keyring: Keyring,
  key: Omit<StaffKey, "version">,
): Promise<void> {
  const version = ((await findKey(tx, keyring, key.staffId))?.version ?? 0) + 1;
  await tx.query(
    `INSERT INTO staff_keys (${COLUMNS}) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (staff_id) DO UPDATE SET public_key = $2, created_at = $3, version = $4, mac = $5`,
    [
      key.staffId,
      key.publicKey,
      key.createdAt,
      version,
      keyring.rowMac(keyRow({ ...key, version })),
    ],
  );
}

/** The row as its MAC covers it. */
function keyRow(key: StaffKey): GrantingRow {
  return {
    table: "staff_keys",
    id: String(key.staffId),
    version: key.version,
    columns: { public_key: key.publicKey, created_at: key.createdAt },
  };
}

/** Takes a row of `staff_keys` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readKey(row: Row, keyring: Keyring): StaffKey {
  const key: StaffKey = {
    staffId: row.number("staff_id"),
    publicKey: row.bytes("public_key"),
    createdAt: row.number("created_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(keyRow(key), row.bytes("mac"));
  return key;
}
