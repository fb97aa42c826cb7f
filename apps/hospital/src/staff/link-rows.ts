import { toHex, type Bytes } from "@siphms/cose";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { GrantingRow, Keyring } from "../keys/index.ts";

/** A one-use link as stored: everything but its token. */
export interface StaffLinkRow {
  readonly tokenHash: Bytes;
  readonly staffId: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly version: number;
}

const COLUMNS = "token_hash, staff_id, expires_at, used_at, version, mac";

/** Stores a new link. */
export async function insertLink(
  tx: Transaction,
  keyring: Keyring,
  link: Pick<StaffLinkRow, "expiresAt" | "staffId" | "tokenHash">,
): Promise<void> {
  const stored: StaffLinkRow = { ...link, usedAt: null, version: 1 };
  await tx.query(`INSERT INTO staff_links (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)`, [
    stored.tokenHash,
    stored.staffId,
    stored.expiresAt,
    stored.usedAt,
    stored.version,
    keyring.rowMac(linkRow(stored)),
  ]);
}

/** Finds a link and locks it, so that of two uses one comes first. @throws {KeyError} `ROW_ALTERED` */
export async function lockLink(
  tx: Transaction,
  keyring: Keyring,
  tokenHash: Uint8Array,
): Promise<StaffLinkRow | undefined> {
  const { rows } = await tx.query(
    `SELECT ${COLUMNS} FROM staff_links WHERE token_hash = $1 FOR UPDATE`,
    [tokenHash],
  );
  return rows[0] === undefined ? undefined : readLink(rows[0], keyring);
}

/** Finds a link without locking it. @throws {KeyError} `ROW_ALTERED` */
export async function findLink(
  queryable: Queryable,
  keyring: Keyring,
  tokenHash: Uint8Array,
): Promise<StaffLinkRow | undefined> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM staff_links WHERE token_hash = $1`,
    [tokenHash],
  );
  return rows[0] === undefined ? undefined : readLink(rows[0], keyring);
}

/** Uses up a link that {@link lockLink} found. */
export async function markLinkUsed(
  tx: Transaction,
  keyring: Keyring,
  { link, now }: { readonly link: StaffLinkRow; readonly now: number },
): Promise<void> {
  const used: StaffLinkRow = { ...link, usedAt: now, version: link.version + 1 };
  await tx.query(
    "UPDATE staff_links SET used_at = $2, version = $3, mac = $4 WHERE token_hash = $1",
    [used.tokenHash, used.usedAt, used.version, keyring.rowMac(linkRow(used))],
  );
}

/** The row as its MAC covers it. */
function linkRow(link: StaffLinkRow): GrantingRow {
  return {
    table: "staff_links",
    id: toHex(link.tokenHash),
    version: link.version,
    columns: { staff_id: link.staffId, expires_at: link.expiresAt, used_at: link.usedAt },
  };
}

/** Takes a row of `staff_links` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readLink(row: Row, keyring: Keyring): StaffLinkRow {
  const link: StaffLinkRow = {
    tokenHash: row.bytes("token_hash"),
    staffId: row.number("staff_id"),
    expiresAt: row.number("expires_at"),
    usedAt: row.numberOrNull("used_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(linkRow(link), row.bytes("mac"));
  return link;
}
